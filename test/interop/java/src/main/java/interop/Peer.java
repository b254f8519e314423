package interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.LogManager;
import org.w3c.dom.Element;

/**
 * Takes commands on standard input, one a line, and answers each with one line; see {@link Fields} for their form.
 *
 * <pre>
 * command=serve  soap, in.*, out.*, ...          answers url
 * command=call   url, soap, in.*, out.*, ...     answers orderedBy and item, or refused: the reason
 * </pre>
 */
public final class Peer {
    private final Host host;
    private final Caller caller;

    private Peer(Path folder) throws Exception {
        Keys keys = new Keys(folder);
        host = new Host(keys);
        caller = new Caller(keys);
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        // Whatever a library prints must not get among the answers.
        System.setOut(System.err);
        LogManager.getLogManager().reset();
        Peer peer = new Peer(Path.of(arguments[0]));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            answers.println(peer.answer(Fields.parse(line)));
            answers.flush();
        }
        System.exit(0);
    }

    private String answer(Fields fields) {
        try {
            if (fields.get("command").equals("serve")) {
                return Fields.format("url", host.serve(fields));
            }
            Element receipt = caller.call(fields);
            return Fields.format("orderedBy", Documents.child(receipt, "orderedBy")) + "\t"
                + Fields.format("item", Documents.child(receipt, "item"));
        } catch (Exception refusal) {
            return Fields.format("refused", reason(refusal));
        }
    }

    /** What every exception of the chain says. */
    private static String reason(Throwable refusal) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
            text.append(text.isEmpty() ? "" : " <- ").append(cause.getClass().getSimpleName()).append(": ").append(cause.getMessage());
        }
        return text.toString();
    }
}
