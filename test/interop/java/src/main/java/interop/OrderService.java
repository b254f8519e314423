package interop;

import jakarta.annotation.Resource;
import jakarta.xml.ws.Provider;
import jakarta.xml.ws.Service;
import jakarta.xml.ws.ServiceMode;
import jakarta.xml.ws.WebServiceContext;
import jakarta.xml.ws.WebServiceException;
import jakarta.xml.ws.WebServiceProvider;
import java.security.Principal;
import javax.xml.transform.Source;
import org.w3c.dom.Element;

/** Confirms orders: who ordered, as WSS4J says, and what. */
@WebServiceProvider
@ServiceMode(Service.Mode.PAYLOAD)
public final class OrderService implements Provider<Source> {
    @Resource
    private WebServiceContext context;

    @Override
    public Source invoke(Source request) {
        try {
            Element order = Documents.parse(request);
            Principal requestor = context.getUserPrincipal();
            return Documents.receipt(requestor == null ? "nobody" : requestor.getName(), Documents.child(order, "item"));
        } catch (Exception failure) {
            throw new WebServiceException(failure);
        }
    }
}
