package interop;

import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.Source;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMResult;
import javax.xml.transform.stream.StreamSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The payloads: an order and its receipt. */
final class Documents {
    static final String NAMESPACE = "urn:example:orders";

    private Documents() {
    }

    static Source order(String item) {
        return new StreamSource(new StringReader(
            "<o:PlaceOrder xmlns:o='" + NAMESPACE + "'><o:item>" + item + "</o:item><o:quantity>2</o:quantity></o:PlaceOrder>"));
    }

    static Source receipt(String orderedBy, String item) {
        return new StreamSource(new StringReader("<o:OrderReceipt xmlns:o='" + NAMESPACE + "'><o:orderedBy>" + orderedBy
            + "</o:orderedBy><o:item>" + item + "</o:item></o:OrderReceipt>"));
    }

    /** The text of a payload's child. */
    static String child(Element payload, String name) {
        Node found = payload.getElementsByTagNameNS(NAMESPACE, name).item(0);
        if (found == null) {
            throw new IllegalArgumentException("there is no " + name + " in " + payload.getNodeName());
        }
        return found.getTextContent();
    }

    static Element parse(Source source) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document document = factory.newDocumentBuilder().newDocument();
        TransformerFactory.newInstance().newTransformer().transform(source, new DOMResult(document));
        return document.getDocumentElement();
    }
}
