export { type LdapIdentityProvider, ldapIdentityProvider } from "./ldap-identity-provider.js";
export type { LdapGroups, LdapOptions, LdapUserPattern, LdapUserSearch } from "./options.js";
