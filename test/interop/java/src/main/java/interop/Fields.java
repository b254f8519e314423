package interop;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Names and values of one line: {@code name=value}, each URL-encoded, separated by tabs. */
record Fields(Map<String, String> values) {

    static Fields parse(String line) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String field : line.split("\t")) {
            int equals = field.indexOf('=');
            values.put(decode(field.substring(0, equals)), decode(field.substring(equals + 1)));
        }
        return new Fields(values);
    }

    static String format(String name, String value) {
        return encode(name) + "=" + encode(value);
    }

    String get(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("there is no field " + name);
        }
        return value;
    }

    String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** The fields whose names start with a prefix, without it. */
    Map<String, Object> under(String prefix) {
        return values.entrySet().stream()
            .filter(field -> field.getKey().startsWith(prefix))
            .collect(Collectors.toMap(field -> field.getKey().substring(prefix.length()), Map.Entry::getValue,
                (first, second) -> second, HashMap::new));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
