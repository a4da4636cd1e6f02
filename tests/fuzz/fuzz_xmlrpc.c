/* uses: sori_gate sori_base */
#include "fuzz/fuzz.h"
#include "gate/xmlrpc.h"

#include <stdlib.h>

const char *const fuzz_seeds[] = {
    "<?xml version=\"1.0\"?><methodCall><methodName>pingback.ping</methodName><params><param>"
    "<value><string>http://a/?x=1&amp;y=&#50;</string></value></param><param><value>http://b/"
    "<!-- c --></value></param></params></methodCall>",
    "<methodCall><methodName>m</methodName><params><param><value><struct><member><name>a</name>"
    "<value><![CDATA[b]]></value></member></struct></value></param></params></methodCall>",
    NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xmlrpc_call call;
    if (xmlrpc_read((struct sori_str){(const char *)data, size}, &call))
        if (call.method.len == 0 || size > XMLRPC_BODY_MAX) abort();
    xmlrpc_free(&call);
    return 0;
}
