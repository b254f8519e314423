package interop;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.wss4j.common.crypto.Crypto;
import org.apache.wss4j.common.crypto.Merlin;

/** The keys of a folder: {@code ca.pem} is the authority; each {@code NAME.key} (PKCS #8) has its {@code NAME.pem}. */
final class Keys {
    static final String PASSWORD = "in-memory";

    private final KeyStore keys;
    private final KeyStore authorities;

    Keys(Path folder) throws GeneralSecurityException, IOException {
        keys = empty();
        authorities = empty();
        Certificate authority = certificate(folder.resolve("ca.pem"));
        authorities.setCertificateEntry("ca", authority);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".key")).toList()) {
                String name = file.getFileName().toString().replace(".key", "");
                Certificate certificate = certificate(folder.resolve(name + ".pem"));
                keys.setKeyEntry(name, privateKey(file, certificate), PASSWORD.toCharArray(), new Certificate[] {certificate});
            }
        }
    }

    /** Signs with these keys, and trusts what the authority issued. */
    Crypto crypto() {
        Merlin crypto = new Merlin();
        crypto.setKeyStore(keys);
        crypto.setTrustStore(authorities);
        return crypto;
    }

    Certificate certificate(String name) throws GeneralSecurityException {
        return keys.getCertificate(name);
    }

    KeyManager[] tlsKeys(String name) throws GeneralSecurityException, IOException {
        KeyStore only = empty();
        char[] password = PASSWORD.toCharArray();
        only.setKeyEntry(name, keys.getKey(name, password), password, keys.getCertificateChain(name));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(only, password);
        return factory.getKeyManagers();
    }

    TrustManager[] tlsTrust() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        return factory.getTrustManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Certificate certificate(Path file) throws GeneralSecurityException, IOException {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
    }

    private static PrivateKey privateKey(Path file, Certificate certificate) throws GeneralSecurityException, IOException {
        String text = Files.readString(file, StandardCharsets.US_ASCII).replaceAll("-----[^-]+-----|\\s", "");
        String algorithm = certificate.getPublicKey().getAlgorithm();
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
    }
}
