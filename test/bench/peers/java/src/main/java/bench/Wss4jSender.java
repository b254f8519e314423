package bench;

import java.io.ByteArrayOutputStream;

import javax.crypto.SecretKey;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;

import org.apache.wss4j.common.WSEncryptionPart;
import org.apache.wss4j.common.crypto.Crypto;
import org.apache.wss4j.common.derivedKey.ConversationConstants;
import org.apache.wss4j.common.util.KeyUtils;
import org.apache.wss4j.dom.WSConstants;
import org.apache.wss4j.dom.engine.WSSConfig;
import org.apache.wss4j.dom.message.WSSecDKSign;
import org.apache.wss4j.dom.message.WSSecEncrypt;
import org.apache.wss4j.dom.message.WSSecHeader;
import org.apache.wss4j.dom.message.WSSecSecurityContextToken;
import org.apache.wss4j.dom.message.WSSecSignature;
import org.apache.wss4j.dom.message.WSSecSignatureBase;
import org.apache.wss4j.dom.message.WSSecTimestamp;
import org.w3c.dom.Document;

/** Puts a Security header into parsed messages as a requestor does it, and writes them out. */
final class Wss4jSender {
    private static final int LIFETIME_SECONDS = 300;
    private static final String SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";

    private final String task;
    private final Sides sides;
    private final Crypto crypto;
    private final Transformer writer;

    Wss4jSender(String task, Sides sides) throws Exception {
        this.task = task;
        this.sides = sides;
        crypto = sides.crypto();
        writer = TransformerFactory.newInstance().newTransformer();
    }

    byte[] secure(Document message) throws Exception {
        WSSecHeader header = new WSSecHeader(message);
        header.insertSecurityHeader();
        WSSecTimestamp timestamp = new WSSecTimestamp(header);
        timestamp.setTimeToLive(LIFETIME_SECONDS);
        timestamp.build();
        switch (task) {
            case "sign" -> sign(header);
            case "sign-encrypt" -> {
                sign(header);
                encrypt(header);
            }
            case "sign-derived" -> signDerived(header);
            default -> throw new IllegalArgumentException("the task is not known");
        }
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        writer.transform(new DOMSource(message), new StreamResult(octets));
        return octets.toByteArray();
    }

    private void sign(WSSecHeader header) throws Exception {
        WSSecSignature signature = new WSSecSignature(header);
        signature.setUserInfo(Sides.SIGNER, Sides.PASSWORD);
        signature.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
        signature.setSignatureAlgorithm(WSConstants.RSA_SHA256);
        signature.setDigestAlgo(SHA256);
        cover(signature);
        signature.build(crypto);
    }

    private void encrypt(WSSecHeader header) throws Exception {
        WSSecEncrypt encryption = new WSSecEncrypt(header);
        encryption.setUserInfo(Sides.SERVICE);
        encryption.setKeyIdentifierType(WSConstants.ISSUER_SERIAL);
        encryption.setKeyEncAlgo(WSConstants.KEYTRANSPORT_RSAOAEP_XENC11);
        encryption.setDigestAlgorithm(SHA256);
        encryption.setMGFAlgorithm(WSConstants.MGF_SHA256);
        encryption.setSymmetricEncAlgorithm(WSConstants.AES_256_GCM);
        SecretKey key = KeyUtils.getKeyGenerator(WSConstants.AES_256_GCM).generateKey();
        encryption.build(crypto, key);
    }

    private void signDerived(WSSecHeader header) throws Exception {
        WSSecSecurityContextToken context = new WSSecSecurityContextToken(header, WSSConfig.getNewInstance());
        context.setIdentifier(sides.context());
        context.prepare(crypto);
        WSSecDKSign signature = new WSSecDKSign(header);
        signature.setTokenIdentifier(context.getSctId());
        signature.setCustomValueType(ConversationConstants.WSC_NS_05_12 + ConversationConstants.TOKEN_TYPE_SECURITY_CONTEXT_TOKEN);
        signature.setSignatureAlgorithm(WSConstants.HMAC_SHA256);
        signature.setDigestAlgorithm(SHA256);
        signature.setDerivedKeyLength(32);
        cover(signature);
        signature.build(sides.secret());
        context.prependSCTElementToHeader();
    }

    private static void cover(WSSecSignatureBase signature) {
        signature.getParts().add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, "Content"));
        signature.getParts().add(new WSEncryptionPart("Body", WSConstants.URI_SOAP11_ENV, "Content"));
    }
}
