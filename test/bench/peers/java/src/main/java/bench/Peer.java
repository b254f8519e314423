package bench;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;

import org.apache.xml.security.Init;

/**
 * Verifies messages over and over, for the benchmark. The argument is "santuario" or "wss4j".
 *
 * Commands on standard input, one a line, fields separated by tabs; one line of answer each:
 *   load NAME MESSAGE CERTIFICATES AUTHORITY   reads the message, the certificates of its signers (PEM files in the order of the
 *                                              signatures, separated by commas) and their authority's
 *   run NAME COUNT                             verifies COUNT times; answers "ok" and the nanoseconds of all of them
 * Any failure answers "error" and a reason. One iteration parses the message into a DOM and verifies it.
 */
public final class Peer {
    private record Case(byte[] message, Verifier verifier) { }

    private final Map<String, Case> cases = new HashMap<>();
    private final Verifier.Factory factory;
    private final DocumentBuilder builder;

    private Peer(Verifier.Factory factory) throws Exception {
        this.factory = factory;
        DocumentBuilderFactory builders = DocumentBuilderFactory.newInstance();
        builders.setNamespaceAware(true);
        builders.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        builder = builders.newDocumentBuilder();
    }

    public static void main(String[] arguments) throws Exception {
        Init.init();
        Verifier.Factory factory = switch (arguments[0]) {
            case "santuario" -> (signers, authority) -> new SantuarioVerifier(signers);
            case "wss4j" -> (signers, authority) -> new Wss4jVerifier(authority);
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        Peer peer = new Peer(factory);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(peer.answer(line.split("\t")));
        }
    }

    private String answer(String[] command) {
        try {
            return "ok\t" + switch (command[0]) {
                case "load" -> load(command[1], Path.of(command[2]), command[3].split(","), command[4]);
                case "run" -> run(cases.get(command[1]), Long.parseLong(command[2]));
                default -> throw new IllegalArgumentException("the command is not known");
            };
        } catch (Exception | LinkageError failure) {
            return "error\t" + String.valueOf(failure).replaceAll("\\s+", " ");
        }
    }

    private long load(String name, Path message, String[] signers, String authority) throws Exception {
        List<X509Certificate> certificates = new ArrayList<>();
        for (String signer : signers) certificates.add(certificate(signer));
        cases.put(name, new Case(Files.readAllBytes(message), factory.create(certificates, certificate(authority))));
        return 0;
    }

    private long run(Case subject, long count) throws Exception {
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            subject.verifier().verify(builder.parse(new ByteArrayInputStream(subject.message())));
        }
        return System.nanoTime() - start;
    }

    private static X509Certificate certificate(String path) throws IOException, java.security.cert.CertificateException {
        try (InputStream pem = Files.newInputStream(Path.of(path))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }
}
