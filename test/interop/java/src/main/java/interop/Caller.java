package interop;

import jakarta.xml.ws.Dispatch;
import jakarta.xml.ws.Service;
import jakarta.xml.ws.soap.SOAPBinding;
import javax.xml.namespace.QName;
import javax.xml.transform.Source;
import org.apache.cxf.BusFactory;
import org.apache.cxf.endpoint.Client;
import org.apache.cxf.jaxws.DispatchImpl;
import org.apache.cxf.transport.http.HTTPConduit;
import org.w3c.dom.Element;

/** Places orders with a service. */
final class Caller {
    private static final QName SERVICE = new QName(Documents.NAMESPACE, "OrderService");
    private static final QName PORT = new QName(Documents.NAMESPACE, "OrdersSoap");
    private static final long TIMEOUT_MILLISECONDS = 20_000;

    private final Keys keys;

    Caller(Keys keys) throws Exception {
        this.keys = keys;
        Conversation.trustAuthority(keys);
    }

    /** The receipt. */
    Element call(Fields fields) throws Exception {
        Service service = Service.create(SERVICE);
        boolean first = fields.get("soap").equals("1.1");
        service.addPort(PORT, first ? SOAPBinding.SOAP11HTTP_BINDING : SOAPBinding.SOAP12HTTP_BINDING, fields.get("url"));
        Dispatch<Source> dispatch = fields.has("addressing")
            ? service.createDispatch(PORT, Source.class, Service.Mode.PAYLOAD, Security.addressing())
            : service.createDispatch(PORT, Source.class, Service.Mode.PAYLOAD);
        dispatch.getRequestContext().put(Dispatch.SOAPACTION_USE_PROPERTY, true);
        dispatch.getRequestContext().put(Dispatch.SOAPACTION_URI_PROPERTY, fields.get("action"));
        Client client = ((DispatchImpl<Source>) dispatch).getClient();
        try {
            if (fields.has("conversation")) {
                Conversation.policy(fields).initialize(client, BusFactory.getDefaultBus());
                dispatch.getRequestContext().putAll(Conversation.properties(fields));
            }
            Security.configure(client, fields, keys);
            ((HTTPConduit) client.getConduit()).getClient().setReceiveTimeout(TIMEOUT_MILLISECONDS);
            return Documents.parse(dispatch.invoke(Documents.order(fields.get("item"))));
        } finally {
            client.destroy();
        }
    }
}
