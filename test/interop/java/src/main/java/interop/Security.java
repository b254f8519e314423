package interop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import org.apache.cxf.interceptor.InterceptorProvider;
import org.apache.cxf.ws.addressing.WSAddressingFeature;
import org.apache.cxf.ws.security.SecurityConstants;
import org.apache.cxf.ws.security.wss4j.CryptoCoverageChecker;
import org.apache.cxf.ws.security.wss4j.CryptoCoverageUtil.CoverageScope;
import org.apache.cxf.ws.security.wss4j.CryptoCoverageUtil.CoverageType;
import org.apache.cxf.ws.security.wss4j.WSS4JInInterceptor;
import org.apache.cxf.ws.security.wss4j.WSS4JOutInterceptor;
import org.apache.wss4j.common.ext.WSPasswordCallback;
import org.apache.wss4j.dom.handler.WSHandlerConstants;

/**
 * Turns the fields of a command into interceptors: {@code out.*} and {@code in.*} are WSS4J's own settings for what is sent and
 * received, {@code saml.*} those of {@link Assertions}, {@code covered} the parts that an incoming signature must cover.
 */
final class Security {
    private static final Map<String, String> PREFIXES = Map.of(
        "soap11", "http://schemas.xmlsoap.org/soap/envelope/",
        "soap12", "http://www.w3.org/2003/05/soap-envelope",
        "wsu", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
        "wsa", "http://www.w3.org/2005/08/addressing");

    private Security() {
    }

    static void configure(InterceptorProvider endpoint, Fields fields, Keys keys) throws Exception {
        Map<String, Object> out = fields.under("out.");
        if (!out.isEmpty()) {
            provide(out, fields, keys);
            endpoint.getOutInterceptors().add(new WSS4JOutInterceptor(out));
        }
        Map<String, Object> in = fields.under("in.");
        if (!in.isEmpty()) {
            provide(in, fields, keys);
            endpoint.getInInterceptors().add(new WSS4JInInterceptor(in));
            endpoint.getInFaultInterceptors().add(new WSS4JInInterceptor(in));
        }
        if (fields.has("covered")) {
            endpoint.getInInterceptors().add(coverage(fields.get("covered")));
        }
        if (fields.has("tamper.out")) {
            endpoint.getOutInterceptors().add(new TamperingOut(fields.get("tamper.out"), fields.get("tamper.value")));
        }
        if (fields.has("tamper.in")) {
            endpoint.getInInterceptors().add(new TamperingIn(fields.get("tamper.in"), fields.get("tamper.value")));
        }
    }

    /** Properties of a service: faults tell the sender exactly what was wrong, assertions are for the audience of the command. */
    static Map<String, Object> properties(Fields fields) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(SecurityConstants.RETURN_SECURITY_ERROR, true);
        if (fields.has("audience")) {
            properties.put(SecurityConstants.AUDIENCE_RESTRICTIONS, fields.get("audience"));
        }
        return properties;
    }

    static WSAddressingFeature addressing() {
        WSAddressingFeature feature = new WSAddressingFeature();
        feature.setAddressingRequired(true);
        return feature;
    }

    private static void provide(Map<String, Object> settings, Fields fields, Keys keys) throws Exception {
        settings.put("crypto", keys.crypto());
        settings.put(WSHandlerConstants.SIG_PROP_REF_ID, "crypto");
        settings.put(WSHandlerConstants.SIG_VER_PROP_REF_ID, "crypto");
        settings.put(WSHandlerConstants.ENC_PROP_REF_ID, "crypto");
        settings.put(WSHandlerConstants.DEC_PROP_REF_ID, "crypto");
        settings.put(WSHandlerConstants.PW_CALLBACK_REF, passwords(fields.get("password", Keys.PASSWORD)));
        if (fields.has("saml.confirmation")) {
            settings.put(WSHandlerConstants.SAML_CALLBACK_REF, new Assertions(fields, keys));
        }
    }

    /** The one password of a UsernameToken, and that of every private key. */
    static CallbackHandler passwords(String ofUser) {
        return callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof WSPasswordCallback asked) {
                    boolean user = asked.getUsage() == WSPasswordCallback.USERNAME_TOKEN;
                    asked.setPassword(user ? ofUser : Keys.PASSWORD);
                }
            }
        };
    }

    private static CryptoCoverageChecker coverage(String parts) {
        List<CryptoCoverageChecker.XPathExpression> demanded = new ArrayList<>();
        for (String xpath : parts.split(",")) {
            demanded.add(new CryptoCoverageChecker.XPathExpression(xpath, CoverageType.SIGNED, CoverageScope.ELEMENT));
        }
        return new CryptoCoverageChecker(PREFIXES, demanded);
    }
}
