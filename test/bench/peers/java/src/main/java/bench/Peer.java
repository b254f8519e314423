package bench;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;

import org.apache.xml.security.Init;
import org.w3c.dom.Document;

/**
 * Verifies or secures messages over and over, for the benchmark. The argument is "santuario" or "wss4j".
 *
 * Commands on standard input, one a line, fields separated by tabs; one line of answer each:
 *   load NAME MESSAGE CERTIFICATES AUTHORITY SIDES   reads the message, the certificates of its signers (PEM files in the order
 *                                                    of the signatures, separated by commas), their authority's, and the folder
 *                                                    with the keys of both sides
 *   secure NAME TASK MESSAGE SIDES OUTPUT            reads the message and the keys, does the task (of WSS4J only) once and
 *                                                    writes its result
 *   run NAME COUNT                                   does it COUNT times; answers "ok" and the nanoseconds of all of them
 * Any failure answers "error" and a reason. One iteration parses the message into a DOM and verifies it, or
 * secures it and writes it out.
 */
public final class Peer {
    private record Case(byte[] message, Work work) { }

    /** What is done to a parsed message; throws where that cannot be done. */
    private interface Work {
        void on(Document message) throws Exception;
    }

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
            case "santuario" -> (signers, authority, sides) -> new SantuarioVerifier(signers);
            case "wss4j" -> Wss4jVerifier::new;
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
                case "load" -> load(command[1], Path.of(command[2]), command[3].split(","), command[4], command[5]);
                case "secure" -> secure(command[1], command[2], Path.of(command[3]), command[4], Path.of(command[5]));
                case "run" -> run(cases.get(command[1]), Long.parseLong(command[2]));
                default -> throw new IllegalArgumentException("the command is not known");
            };
        } catch (Exception | LinkageError failure) {
            return "error\t" + String.valueOf(failure).replaceAll("\\s+", " ");
        }
    }

    private long load(String name, Path message, String[] signers, String authority, String sides) throws Exception {
        List<X509Certificate> certificates = new ArrayList<>();
        for (String signer : signers) {
            if (!signer.isEmpty()) certificates.add(Sides.certificate(Path.of(signer)));
        }
        Verifier verifier =
            factory.create(certificates, Sides.certificate(Path.of(authority)), new Sides(Path.of(sides)));
        cases.put(name, new Case(Files.readAllBytes(message), verifier::verify));
        return 0;
    }

    private long secure(String name, String task, Path message, String sides, Path output) throws Exception {
        byte[] octets = Files.readAllBytes(message);
        Wss4jSender sender = new Wss4jSender(task, new Sides(Path.of(sides)));
        Files.write(output, sender.secure(builder.parse(new ByteArrayInputStream(octets))));
        cases.put(name, new Case(octets, sender::secure));
        return 0;
    }

    private long run(Case subject, long count) throws Exception {
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            subject.work().on(builder.parse(new ByteArrayInputStream(subject.message())));
        }
        return System.nanoTime() - start;
    }
}
