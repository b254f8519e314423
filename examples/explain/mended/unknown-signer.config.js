// What the remedy of unknown-signer.xml names: the signer's certificate in trust.certificates.
import { readFileSync } from "node:fs";
import options from "../guard.config.js";

const stranger = readFileSync(new URL("../trust/stranger.pem", import.meta.url), "utf8");
const { trust } = options;

export default { ...options, trust: { ...trust, certificates: [...trust.certificates, stranger] } };
