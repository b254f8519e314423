package bench;

import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;

import org.apache.wss4j.common.crypto.Merlin;
import org.apache.wss4j.dom.engine.WSSConfig;
import org.apache.wss4j.dom.engine.WSSecurityEngine;
import org.apache.wss4j.dom.handler.RequestData;
import org.apache.wss4j.dom.handler.WSHandlerResult;
import org.apache.wss4j.dom.saml.DOMSAMLUtil;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * The whole Security header as a service does it: tokens, trust, timestamp, decryption, signatures, and the confirmation of SAML
 * subjects.
 */
final class Wss4jVerifier implements Verifier {
    /** Messages are made once for a run: they may grow old in it, up to a day. */
    private static final int OLDEST_SECONDS = 86_400;

    private final WSSecurityEngine engine = new WSSecurityEngine();
    private final WSSConfig config = WSSConfig.getNewInstance();
    private final Merlin trust = new Merlin();

    private final Sides sides;

    Wss4jVerifier(List<X509Certificate> signers, X509Certificate authority, Sides sides) throws Exception {
        this.sides = sides;
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("authority", authority);
        trust.setTrustStore(store);
        engine.setWssConfig(config);
    }

    @Override
    public void verify(Document message) throws Exception {
        RequestData request = new RequestData();
        request.setWssConfig(config);
        request.setSigVerCrypto(trust);
        request.setDecCrypto(sides.crypto());
        request.setCallbackHandler(sides);
        request.setTimeStampTTL(OLDEST_SECONDS);
        request.setTimeStampStrict(false);
        WSHandlerResult result = engine.processSecurityHeader(message, request);
        if (result.getActionResults().isEmpty()) throw new IllegalStateException("nothing was verified");
        DOMSAMLUtil.validateSAMLResults(result, null, body(message));
    }

    private static Element body(Document message) {
        for (Node part = message.getDocumentElement().getLastChild(); part != null; part = part.getPreviousSibling()) {
            if (part instanceof Element element && "Body".equals(element.getLocalName())) return element;
        }
        throw new IllegalStateException("no Body");
    }
}
