package bench;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

import org.apache.xml.security.signature.XMLSignature;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;

/** Core validation alone: every ds:Signature of the Header with all its references, keys known beforehand. */
final class SantuarioVerifier implements Verifier {
    private final List<PublicKey> keys = new ArrayList<>();

    SantuarioVerifier(List<X509Certificate> signers) {
        for (X509Certificate signer : signers) keys.add(signer.getPublicKey());
    }

    @Override
    public void verify(Document message) throws Exception {
        List<Element> signatures = new ArrayList<>();
        for (Node part = message.getDocumentElement().getFirstChild(); part != null; part = part.getNextSibling()) {
            if (!(part instanceof Element element)) continue;
            if ("Header".equals(element.getLocalName())) visit(element, signatures);
            else registerIds(element);
        }
        if (signatures.size() != keys.size()) throw new IllegalStateException("another number of signatures");
        for (int i = 0; i < keys.size(); i++) {
            XMLSignature signature = new XMLSignature(signatures.get(i), "", true);
            if (!signature.checkSignatureValue(keys.get(i))) throw new IllegalStateException("the signature is not valid");
        }
    }

    private static void visit(Element element, List<Element> signatures) {
        registerIds(element);
        if ("Signature".equals(element.getLocalName())) signatures.add(element);
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element inner) visit(inner, signatures);
        }
    }

    private static void registerIds(Element element) {
        NamedNodeMap attributes = element.getAttributes();
        for (int i = 0; i < attributes.getLength(); i++) {
            Attr attribute = (Attr) attributes.item(i);
            String name = attribute.getLocalName();
            if ("Id".equals(name) || "ID".equals(name)) element.setIdAttributeNode(attribute, true);
        }
    }
}
