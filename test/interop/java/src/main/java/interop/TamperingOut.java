package interop;

import jakarta.xml.soap.SOAPMessage;
import org.apache.cxf.binding.soap.SoapMessage;
import org.apache.cxf.binding.soap.interceptor.AbstractSoapInterceptor;
import org.apache.cxf.interceptor.Fault;
import org.apache.cxf.phase.Phase;
import org.w3c.dom.NodeList;

/** A man in the middle behind the client: gives the first element of a local name another text, after it was signed. */
final class TamperingOut extends AbstractSoapInterceptor {
    private final String element;
    private final String value;

    TamperingOut(String element, String value) {
        super(Phase.POST_PROTOCOL_ENDING);
        this.element = element;
        this.value = value;
        // Interceptors of an ending phase run in the reverse order of their phases: before SAAJ writes the message.
        addBefore("org.apache.cxf.binding.soap.saaj.SAAJOutInterceptor$SAAJOutEndingInterceptor");
    }

    @Override
    public void handleMessage(SoapMessage message) {
        try {
            NodeList found = message.getContent(SOAPMessage.class).getSOAPPart().getEnvelope().getElementsByTagNameNS("*", element);
            if (found.getLength() == 0) {
                throw new IllegalStateException("there is no " + element + " to tamper with");
            }
            found.item(0).setTextContent(value);
        } catch (jakarta.xml.soap.SOAPException failure) {
            throw new Fault(failure);
        }
    }
}
