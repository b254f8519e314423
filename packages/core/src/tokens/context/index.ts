export { type ContextSource, type EstablishedContext, InvalidContextError, SecurityContexts } from "./contexts.js";
export { type DerivedKeyTokenSyntax, impliedDerivation, parseDerivedKeyToken, seedOf } from "./derivation.js";
export {
  type DerivedKeyWishes,
  type IssuedContextToken,
  type IssuedDerivedKey,
  issueDerivedKey,
  issueSecurityContextToken,
  writeContextReference,
} from "./issue.js";
export {
  type ConversationVersion,
  type ConversationWords,
  contextTokenWords,
  conversation13,
  conversation2005,
  conversationVersions,
  defaultLabel,
  derivedKeyWords,
  wsc2005Namespace,
  wscNamespace,
} from "./names.js";
export { type ContextName, contextName, parseSecurityContextToken, type SecurityContextTokenSyntax } from "./parse.js";
export { type ContextSubject, ownerOf } from "./subject.js";
