package interop;

import jakarta.xml.ws.soap.SOAPBinding;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.apache.cxf.BusFactory;
import org.apache.cxf.configuration.jsse.TLSServerParameters;
import org.apache.cxf.jaxws.EndpointImpl;
import org.apache.cxf.transport.http_jetty.JettyHTTPServerEngineFactory;

/** Serves the order service over TLS on a free port of the loopback interface, each set of demands at an address of its own. */
final class Host {
    private final Keys keys;
    private final String origin;
    private int services;

    Host(Keys keys) throws Exception {
        this.keys = keys;
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        TLSServerParameters tls = new TLSServerParameters();
        tls.setKeyManagers(keys.tlsKeys("tls"));
        JettyHTTPServerEngineFactory factory = BusFactory.getDefaultBus().getExtension(JettyHTTPServerEngineFactory.class);
        factory.setTLSServerParametersForPort("localhost", port, tls);
        origin = "https://localhost:" + port;
    }

    /** The address of a service with the demands of a command. */
    String serve(Fields fields) throws Exception {
        boolean first = fields.get("soap").equals("1.1");
        String binding = first ? SOAPBinding.SOAP11HTTP_BINDING : SOAPBinding.SOAP12HTTP_BINDING;
        EndpointImpl endpoint = new EndpointImpl(BusFactory.getDefaultBus(), new OrderService(), binding);
        if (fields.has("addressing")) {
            endpoint.setFeatures(new ArrayList<>(List.of(Security.addressing())));
        }
        endpoint.setProperties(Security.properties(fields));
        if (fields.has("conversation")) {
            endpoint.getFeatures().add(Conversation.policy(fields));
            endpoint.getProperties().putAll(Conversation.properties(fields));
        }
        Security.configure(endpoint, fields, keys);
        services++;
        String address = origin + "/orders/" + services;
        endpoint.publish(address);
        return address;
    }
}
