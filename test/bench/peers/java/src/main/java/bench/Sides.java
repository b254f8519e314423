package bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;

import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;

import org.apache.wss4j.common.crypto.Crypto;
import org.apache.wss4j.common.crypto.Merlin;
import org.apache.wss4j.common.ext.WSPasswordCallback;

/** What requestor and service hold: their key pairs, named "signer" and "service", and the security context between them. */
final class Sides implements CallbackHandler {
    static final String SIGNER = "signer";
    static final String SERVICE = "service";
    static final String PASSWORD = "password";

    private final Merlin crypto = new Merlin();
    private final byte[] secret;
    private final String context;

    Sides(Path folder) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (String name : new String[] {SIGNER, SERVICE}) {
            PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(Files.readAllBytes(folder.resolve(name + ".key")));
            Certificate[] chain = {certificate(folder.resolve(name + ".pem"))};
            store.setKeyEntry(name, KeyFactory.getInstance("RSA").generatePrivate(key), PASSWORD.toCharArray(), chain);
        }
        crypto.setKeyStore(store);
        secret = Files.readAllBytes(folder.resolve("context.secret"));
        context = Files.readString(folder.resolve("context.id"));
    }

    Crypto crypto() {
        return crypto;
    }

    byte[] secret() {
        return secret;
    }

    String context() {
        return context;
    }

    @Override
    public void handle(Callback[] callbacks) {
        for (Callback callback : callbacks) {
            if (!(callback instanceof WSPasswordCallback asked)) continue;
            if (asked.getUsage() != WSPasswordCallback.SECURITY_CONTEXT_TOKEN) asked.setPassword(PASSWORD);
            else if (context.equals(asked.getIdentifier())) asked.setKey(secret);
        }
    }

    static X509Certificate certificate(Path path) throws IOException, CertificateException {
        try (InputStream pem = Files.newInputStream(path)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }
}
