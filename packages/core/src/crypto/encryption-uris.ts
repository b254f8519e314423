const xenc = "http://www.w3.org/2001/04/xmlenc#";
const xenc11 = "http://www.w3.org/2009/xmlenc11#";
const more2021 = "http://www.w3.org/2021/04/xmldsig-more#";

/** URIs of content encryption (XML Encryption 1.1 section 5.2). */
export const contentCipherUri = Object.freeze({
  aes128Gcm: `${xenc11}aes128-gcm`,
  aes192Gcm: `${xenc11}aes192-gcm`,
  aes256Gcm: `${xenc11}aes256-gcm`,
  aes128Cbc: `${xenc}aes128-cbc`,
  aes192Cbc: `${xenc}aes192-cbc`,
  aes256Cbc: `${xenc}aes256-cbc`,
  tripleDesCbc: `${xenc}tripledes-cbc`,
});

/** URIs of key transport (XML Encryption 1.1 section 5.5). RSA 1.5 is named so that it can be refused by name. */
export const keyTransportUri = Object.freeze({
  rsaOaepMgf1p: `${xenc}rsa-oaep-mgf1p`,
  rsaOaep: `${xenc11}rsa-oaep`,
  rsa15: `${xenc}rsa-1_5`,
});

/** URIs of the mask generation function of RSAES-OAEP (XML Encryption 1.1 section 5.5.2). */
export const maskUri = Object.freeze({
  mgf1Sha1: `${xenc11}mgf1sha1`,
  mgf1Sha224: `${xenc11}mgf1sha224`,
  mgf1Sha256: `${xenc11}mgf1sha256`,
  mgf1Sha384: `${xenc11}mgf1sha384`,
  mgf1Sha512: `${xenc11}mgf1sha512`,
});

/** URIs of symmetric key wrap (XML Encryption 1.1 section 5.7). */
export const keyWrapUri = Object.freeze({
  aes128: `${xenc}kw-aes128`,
  aes192: `${xenc}kw-aes192`,
  aes256: `${xenc}kw-aes256`,
});

/** URIs of key agreement (XML Encryption 1.1 section 5.6.4; X25519 in the successor of RFC 9231). */
export const keyAgreementUri = Object.freeze({ ecdhEs: `${xenc11}ECDH-ES`, x25519: `${more2021}x25519` });

/** URIs of key derivation (XML Encryption 1.1 section 5.4; HKDF in the successor of RFC 9231). */
export const keyDerivationUri = Object.freeze({ concatKdf: `${xenc11}ConcatKDF`, hkdf: `${more2021}hkdf` });
