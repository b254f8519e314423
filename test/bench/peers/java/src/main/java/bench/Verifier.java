package bench;

import java.security.cert.X509Certificate;
import java.util.List;

import org.w3c.dom.Document;

/** Verifies parsed messages of one case. */
interface Verifier {
    /** Throws where the message is not genuine. */
    void verify(Document message) throws Exception;

    /** Makes the verifier of a case from the signers' certificates, in the order of the signatures, their authority, and what the service holds. */
    interface Factory {
        Verifier create(List<X509Certificate> signers, X509Certificate authority, Sides sides) throws Exception;
    }
}
