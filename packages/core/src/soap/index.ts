export { parseEnvelope, type SoapVersion, type UnverifiedEnvelope } from "./envelope.js";
export { contentTypeOf, type FaultContent, writeFault } from "./fault.js";
export { actorOf, addressingBlocks, checkMustUnderstand, forEachBlock, isForUs } from "./header-blocks.js";
export {
  addressing2004Namespace,
  addressingNamespace,
  isAddressing,
  soap11,
  soap11Namespace,
  soap11Next,
  soap12,
  soap12Namespace,
  soap12Next,
} from "./names.js";
