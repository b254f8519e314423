/*
 * Verifies messages with libxmlsec1, over and over, for the benchmark.
 *
 * Commands on standard input, one a line, fields separated by tabs; one line of answer each:
 *   load NAME MESSAGE CERTIFICATES AUTHORITY   reads the message and the certificates of its signers (PEM files in the order of
 *                                              the signatures, separated by commas); the authority is not used here
 *   run NAME COUNT                             verifies COUNT times; answers "ok" and the nanoseconds of all of them
 * Any failure answers "error" and a reason. One iteration parses the message, registers its ids, finds every ds:Signature of the
 * Header and verifies each with all its references. Keys are loaded once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

enum { MAX_CASES = 64, MAX_KEYS = 4, MAX_LINE = 8192 };

struct message {
    char name[64];
    char *octets;
    int length;
    xmlSecKeyPtr keys[MAX_KEYS];
    int keyCount;
};

static struct message messages[MAX_CASES];
static int messageCount = 0;
static const xmlChar *idNames[] = { BAD_CAST "Id", BAD_CAST "ID", NULL };

static struct message *find_message(const char *name) {
    for (int i = 0; i < messageCount; i++) {
        if (strcmp(messages[i].name, name) == 0) return &messages[i];
    }
    return NULL;
}

static const char *load(const char *name, const char *path, char *certificates) {
    if (messageCount == MAX_CASES || strlen(name) >= sizeof messages[0].name) return "too many cases or too long a name";
    struct message *message = &messages[messageCount];
    memset(message, 0, sizeof *message);
    strcpy(message->name, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return "the message cannot be read";
    fseek(file, 0, SEEK_END);
    message->length = (int)ftell(file);
    rewind(file);
    message->octets = malloc((size_t)message->length);
    size_t got = message->octets == NULL ? 0 : fread(message->octets, 1, (size_t)message->length, file);
    fclose(file);
    if (got != (size_t)message->length) return "the message cannot be read";
    for (char *path2 = strtok(certificates, ","); path2 != NULL; path2 = strtok(NULL, ",")) {
        if (message->keyCount == MAX_KEYS) return "too many certificates";
        xmlSecKeyPtr key = xmlSecCryptoAppKeyLoad(path2, xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
        if (key == NULL) return "a certificate has a kind of key that is not supported";
        message->keys[message->keyCount++] = key;
    }
    messageCount++;
    return NULL;
}

/* The next node in document order that stays inside `top`. */
static xmlNodePtr following(xmlNodePtr node, xmlNodePtr top) {
    if (node->children != NULL && node->type == XML_ELEMENT_NODE) return node->children;
    while (node != top && node->next == NULL) node = node->parent;
    return node == top ? NULL : node->next;
}

static const char *verify_signatures(struct message *message, xmlNodePtr root) {
    xmlNodePtr header = xmlSecFindChild(root, BAD_CAST "Header", root->ns->href);
    int found = 0;
    for (xmlNodePtr node = header; node != NULL; node = following(node, header)) {
        if (!xmlSecCheckNodeName(node, xmlSecNodeSignature, xmlSecDSigNs)) continue;
        if (found == message->keyCount) return "more signatures than certificates";
        xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
        if (context == NULL) return "no memory";
        context->signKey = xmlSecKeyDuplicate(message->keys[found++]);
        int failed = context->signKey == NULL || xmlSecDSigCtxVerify(context, node) < 0;
        int verified = !failed && context->status == xmlSecDSigStatusSucceeded;
        xmlSecDSigCtxDestroy(context);
        if (failed) return "the signature cannot be processed";
        if (!verified) return "the signature is not valid";
    }
    return found == message->keyCount ? NULL : "fewer signatures than certificates";
}

static const char *verify(struct message *message) {
    xmlDocPtr document = xmlReadMemory(message->octets, message->length, NULL, NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
    if (document == NULL) return "the message is not well-formed";
    xmlNodePtr root = xmlDocGetRootElement(document);
    xmlSecAddIDs(document, root, idNames);
    const char *fault = verify_signatures(message, root);
    xmlFreeDoc(document);
    return fault;
}

static const char *run(struct message *message, long count, long long *nanoseconds) {
    struct timespec start, end;
    const char *fault = NULL;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; i < count && fault == NULL; i++) fault = verify(message);
    clock_gettime(CLOCK_MONOTONIC, &end);
    *nanoseconds = (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec);
    return fault;
}

int main(void) {
    char line[MAX_LINE];
    xmlInitParser();
    LIBXML_TEST_VERSION
    if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) return 1;
    xmlSecErrorsSetCallback(NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *fields[5] = { NULL };
        char *rest = line;
        line[strcspn(line, "\n")] = '\0';
        for (int i = 0; i < 5 && rest != NULL; i++) fields[i] = strsep(&rest, "\t");
        const char *fault = "the command is not known";
        long long nanoseconds = 0;
        if (strcmp(fields[0], "load") == 0 && fields[3] != NULL) {
            fault = load(fields[1], fields[2], fields[3]);
        } else if (strcmp(fields[0], "run") == 0 && fields[2] != NULL) {
            struct message *message = find_message(fields[1]);
            fault = message == NULL ? "the case is not loaded" : run(message, atol(fields[2]), &nanoseconds);
        }
        if (fault != NULL) printf("error\t%s\n", fault);
        else printf("ok\t%lld\n", nanoseconds);
    }
    return 0;
}
