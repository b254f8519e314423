/**
 * AttributeNamespace that says that AttributeName is the whole claim type:
 * https://wiki.shibboleth.net/confluence/display/CONCEPT/SAMLAttributeNaming
 */
const wholeName = "urn:mace:shibboleth:1.0:attributeNamespace:uri";

/** AttributeName and AttributeNamespace of an attribute (SAML 1.1 core section 2.4.4.1). */
export interface AttributeNameParts {
  readonly name: string;
  readonly namespace: string;
}

/**
 * The claim type that the two parts of a SAML 1.1 attribute's name stand for, as WS-Federation has it (Identity Selector
 * Interoperability Profile 1.5 section 7.2): namespace, slash, name. An empty namespace, and the one that says so, leave the
 * name alone.
 */
export function claimTypeOf({ name, namespace }: AttributeNameParts): string {
  return namespace === "" || namespace === wholeName ? name : `${namespace}/${name}`;
}

/** The parts of the name of a claim type: what {@link claimTypeOf} makes the same claim type of. */
export function attributeNameOf(claimType: string): AttributeNameParts {
  const slash = claimType.lastIndexOf("/");
  const namespace = claimType.slice(0, Math.max(slash, 0));
  const name = claimType.slice(slash + 1);
  return namespace === "" || namespace === wholeName || name === ""
    ? { name: claimType, namespace: wholeName }
    : { name, namespace };
}
