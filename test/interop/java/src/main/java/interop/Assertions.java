package interop;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.wss4j.common.saml.SAMLCallback;
import org.apache.wss4j.common.saml.SamlAssertionWrapper;
import org.apache.wss4j.common.saml.bean.AttributeBean;
import org.apache.wss4j.common.saml.bean.AttributeStatementBean;
import org.apache.wss4j.common.saml.bean.AudienceRestrictionBean;
import org.apache.wss4j.common.saml.bean.ConditionsBean;
import org.apache.wss4j.common.saml.bean.KeyInfoBean;
import org.apache.wss4j.common.saml.bean.SubjectBean;
import org.apache.wss4j.common.saml.bean.Version;
import org.apache.wss4j.common.saml.builder.SAML1Constants;
import org.apache.wss4j.common.saml.builder.SAML2Constants;
import org.w3c.dom.Element;

/**
 * Issues the assertions that messages carry. {@code saml.version} is 1.1 or 2.0; {@code saml.confirmation} is bearer, holder-of-key
 * or sender-vouches; {@code saml.holder} names the key of a holder-of-key assertion; the issuer signs with the key {@code sts}, and
 * where it vouches for the sender also the message: WSS4J knows no other attester.
 */
final class Assertions implements CallbackHandler {
    private final Fields fields;
    private final Keys keys;

    Assertions(Fields fields, Keys keys) {
        this.fields = fields;
        this.keys = keys;
    }

    @Override
    public void handle(Callback[] callbacks) {
        for (Callback callback : callbacks) {
            if (callback instanceof SAMLCallback wanted) {
                try {
                    if (fields.get("saml.confirmation").equals("bearer")) {
                        wanted.setAssertionElement(signed());
                    } else {
                        describe(wanted);
                    }
                } catch (Exception failure) {
                    throw new IllegalStateException(failure);
                }
            }
        }
    }

    /** A finished assertion: the action that only adds one would sign it with a digest of SHA-1, whatever the callback says. */
    private Element signed() throws Exception {
        SAMLCallback content = new SAMLCallback();
        describe(content);
        SamlAssertionWrapper assertion = new SamlAssertionWrapper(content);
        assertion.signAssertion(content.getIssuerKeyName(), content.getIssuerKeyPassword(), content.getIssuerCrypto(), false,
            content.getCanonicalizationAlgorithm(), content.getSignatureAlgorithm(), content.getSignatureDigestAlgorithm());
        return assertion.toDOM(DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument());
    }

    private void describe(SAMLCallback wanted) throws Exception {
        boolean first = fields.get("saml.version").equals("1.1");
        String confirmation = fields.get("saml.confirmation");
        wanted.setSamlVersion(first ? Version.SAML_11 : Version.SAML_20);
        wanted.setIssuer(fields.get("saml.issuer"));
        wanted.setIssuerCrypto(keys.crypto());
        wanted.setIssuerKeyName("sts");
        wanted.setIssuerKeyPassword(Keys.PASSWORD);
        wanted.setSignAssertion(true);
        wanted.setSignatureAlgorithm("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
        wanted.setSignatureDigestAlgorithm("http://www.w3.org/2001/04/xmlenc#sha256");

        SubjectBean subject = new SubjectBean(fields.get("saml.subject"), "", first ? method11(confirmation) : method20(confirmation));
        if (confirmation.equals("holder-of-key")) {
            KeyInfoBean key = new KeyInfoBean();
            key.setCertIdentifer(KeyInfoBean.CERT_IDENTIFIER.X509_CERT);
            key.setCertificate((X509Certificate) keys.certificate(fields.get("saml.holder")));
            subject.setKeyInfo(key);
        }
        wanted.setSubject(subject);
        wanted.setConditions(conditions());

        AttributeBean role = new AttributeBean();
        role.setQualifiedName("role");
        role.setSimpleName("role");
        role.addAttributeValue("clerk");
        AttributeStatementBean statement = new AttributeStatementBean();
        statement.setSubject(subject);
        statement.setSamlAttributes(List.of(role));
        wanted.setAttributeStatementData(List.of(statement));
    }

    private ConditionsBean conditions() {
        AudienceRestrictionBean audience = new AudienceRestrictionBean();
        audience.setAudienceURIs(List.of(fields.get("saml.audience")));
        Instant now = Instant.now();
        ConditionsBean conditions = new ConditionsBean(now.minusSeconds(1), now.plusSeconds(300));
        conditions.setAudienceRestrictions(List.of(audience));
        return conditions;
    }

    private static String method20(String confirmation) {
        return switch (confirmation) {
            case "holder-of-key" -> SAML2Constants.CONF_HOLDER_KEY;
            case "sender-vouches" -> SAML2Constants.CONF_SENDER_VOUCHES;
            default -> SAML2Constants.CONF_BEARER;
        };
    }

    private static String method11(String confirmation) {
        return switch (confirmation) {
            case "holder-of-key" -> SAML1Constants.CONF_HOLDER_KEY;
            case "sender-vouches" -> SAML1Constants.CONF_SENDER_VOUCHES;
            default -> SAML1Constants.CONF_BEARER;
        };
    }
}
