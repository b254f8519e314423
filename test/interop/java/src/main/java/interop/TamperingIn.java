package interop;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.cxf.interceptor.Fault;
import org.apache.cxf.message.Message;
import org.apache.cxf.phase.AbstractPhaseInterceptor;
import org.apache.cxf.phase.Phase;

/** A man in the middle before the receiver: gives the first element of a local name another text, before anything reads it. */
final class TamperingIn extends AbstractPhaseInterceptor<Message> {
    private final Pattern element;
    private final String value;

    TamperingIn(String element, String value) {
        super(Phase.RECEIVE);
        this.element = Pattern.compile("(<(?:[\\w-]+:)?" + element + "(?:\\s[^>]*)?>)[^<]*");
        this.value = value;
    }

    @Override
    public void handleMessage(Message message) {
        try (InputStream in = message.getContent(InputStream.class)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Matcher found = element.matcher(text);
            if (!found.find()) {
                throw new IllegalStateException("there is nothing to tamper with in " + text);
            }
            String changed = found.replaceFirst("$1" + Matcher.quoteReplacement(value));
            message.setContent(InputStream.class, new ByteArrayInputStream(changed.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException failure) {
            throw new Fault(failure);
        }
    }
}
