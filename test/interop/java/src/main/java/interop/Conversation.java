package interop;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.cxf.Bus;
import org.apache.cxf.BusFactory;
import org.apache.cxf.configuration.jsse.TLSClientParameters;
import org.apache.cxf.transport.http.HTTPConduitConfigurer;
import org.apache.cxf.ws.policy.PolicyBuilder;
import org.apache.cxf.ws.policy.WSPolicyFeature;
import org.apache.cxf.ws.security.SecurityConstants;

/**
 * WS-SecureConversation as a policy: a context established over TLS by a UsernameToken, and messages signed and encrypted under it.
 * {@code conversation} is 1.3 or 2005/02; {@code conversation.order} sign-then-encrypt or encrypt-then-sign; {@code conversation.keys}
 * derived, or own for the context's own key. What CXF encrypts with is AES-256-GCM with HMAC-SHA256, by its own name for algorithms that no standard policy has: theirs all name CBC.
 */
final class Conversation {
    private static final String POLICY = """
        <wsp:Policy xmlns:wsp="http://www.w3.org/ns/ws-policy" xmlns:sp="%1$s" xmlns:cxf="http://cxf.apache.org/custom/security-policy">
          <wsp:ExactlyOne><wsp:All>
            <sp:SymmetricBinding><wsp:Policy>
              <sp:ProtectionToken><wsp:Policy>
                <sp:SecureConversationToken sp:IncludeToken="%1$s/IncludeToken/AlwaysToRecipient"><wsp:Policy>
                  %5$s
                  <sp:BootstrapPolicy><wsp:Policy>
                    <sp:TransportBinding><wsp:Policy>
                      <sp:TransportToken><wsp:Policy>%2$s</wsp:Policy></sp:TransportToken>
                      <sp:AlgorithmSuite><wsp:Policy><sp:Basic256Sha256/></wsp:Policy></sp:AlgorithmSuite>
                      <sp:Layout><wsp:Policy><sp:Lax/></wsp:Policy></sp:Layout>
                      <sp:IncludeTimestamp/>
                    </wsp:Policy></sp:TransportBinding>
                    <sp:SignedSupportingTokens><wsp:Policy>
                      <sp:UsernameToken sp:IncludeToken="%1$s/IncludeToken/AlwaysToRecipient"><wsp:Policy/></sp:UsernameToken>
                    </wsp:Policy></sp:SignedSupportingTokens>
                  </wsp:Policy></sp:BootstrapPolicy>
                </wsp:Policy></sp:SecureConversationToken>
              </wsp:Policy></sp:ProtectionToken>
              <sp:AlgorithmSuite><wsp:Policy><cxf:CustomAlgorithmSuite/></wsp:Policy></sp:AlgorithmSuite>
              <sp:Layout><wsp:Policy><sp:Lax/></wsp:Policy></sp:Layout>
              <sp:IncludeTimestamp/>
              %3$s
              <sp:OnlySignEntireHeadersAndBody/>
            </wsp:Policy></sp:SymmetricBinding>
            <sp:Wss11><wsp:Policy><sp:RequireSignatureConfirmation/></wsp:Policy></sp:Wss11>
            <sp:Trust%4$s><wsp:Policy><sp:RequireClientEntropy/><sp:RequireServerEntropy/></wsp:Policy></sp:Trust%4$s>
            <sp:SignedParts><sp:Body/></sp:SignedParts>
            <sp:EncryptedParts><sp:Body/></sp:EncryptedParts>
          </wsp:All></wsp:ExactlyOne>
        </wsp:Policy>""";

    private Conversation() {
    }

    /** The policy of a command, as a feature of an endpoint or client. */
    static WSPolicyFeature policy(Fields fields) throws Exception {
        boolean old = fields.get("conversation").equals("2005/02");
        String text = POLICY.formatted(
            old ? "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy" : "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702",
            old ? "<sp:HttpsToken RequireClientCertificate=\"false\"/>" : "<sp:HttpsToken><wsp:Policy/></sp:HttpsToken>",
            fields.get("conversation.order").equals("encrypt-then-sign") ? "<sp:EncryptBeforeSigning/>" : "",
            old ? "10" : "13",
            fields.get("conversation.keys").equals("derived") ? "<sp:RequireDerivedKeys/>" : "");
        Bus bus = BusFactory.getDefaultBus();
        PolicyBuilder builder = bus.getExtension(PolicyBuilder.class);
        return new WSPolicyFeature(builder.getPolicy(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
    }

    /** What the policy leaves open: algorithms, who is asking, and the password on either side. */
    static Map<String, Object> properties(Fields fields) {
        return Map.of(
            SecurityConstants.CUSTOM_ALG_SUITE_SYMMETRIC_SIGNATURE, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            SecurityConstants.CUSTOM_ALG_SUITE_SIGNATURE_DERIVED_KEY_LENGTH, 256,
            SecurityConstants.USERNAME, "alice",
            SecurityConstants.CALLBACK_HANDLER, Security.passwords(fields.get("password")),
            SecurityConstants.RETURN_SECURITY_ERROR, true);
    }

    /** Every client trusts the authority, that which asks for contexts among them: CXF makes it by itself. */
    static void trustAuthority(Keys keys) throws Exception {
        TLSClientParameters tls = new TLSClientParameters();
        tls.setTrustManagers(keys.tlsTrust());
        HTTPConduitConfigurer configurer = (name, address, conduit) -> conduit.setTlsClientParameters(tls);
        BusFactory.getDefaultBus().setExtension(configurer, HTTPConduitConfigurer.class);
    }
}
