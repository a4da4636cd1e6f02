// Replays recorded requests against Prism and says which of them the document does not allow.
//   node prism.mjs LOG.json PRISM_LOG BASE [--newer BASE2 --newer-events A,B] [--kinds THINGS.json]
// LOG.json is what GET /_fake/requests of a fake says. --kinds: a Graph, whose document wants the
// kind of a node in front of its path. One line on stdout for each request that differs from all
// others; "REFUSED" leads those that break the document, "ABSENT" those whose path it does not have.
import { readFileSync } from "node:fs";

const [file, prismLog, base, ...rest] = process.argv.slice(2);
const option = (name) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined);
const newer = option("--newer"), newerEvents = (option("--newer-events") ?? "").split(",").filter(Boolean);
const things = option("--kinds") ? JSON.parse(readFileSync(option("--kinds"), "utf8")) : undefined;
const nodes = { page: "Page", post: "PagePost", comment: "Comment", media: "IGMedia", remark: "IGComment",
                conversation: "UnifiedThread", account: "IGUser" };
const kinds = new Map((things ?? []).map((t) => [t.id, nodes[t.kind] ?? t.kind]));

// /v26.0/ID/edge becomes /v25.0/Kind/ID/edge; what names no node stays as it is.
function graphPath(path) {
    const [, version, id, ...edge] = path.split("/");
    if (!/^v\d/.test(version) || !kinds.has(id)) return path;
    return ["", "v25.0", kinds.get(id), id, ...edge].join("/");
}

// What makes two requests the same for a document: ids and times do not.
function shape(r) {
    const plain = (s) => s.replace(/\d{9,}/g, "N").replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "T");
    const query = Object.entries(r.query).map(([k, v]) => (/token$/.test(k) ? k : `${k}=${plain(v)}`));
    return [r.method, plain(r.path), ...query, plain(r.body)].join(" ");
}

const newViolations = (() => {
    let seen = 0;
    return () => {
        const text = readFileSync(prismLog, "utf8"), fresh = text.slice(seen);
        seen = text.length;
        return fresh.split("\n").filter((l) => /Violation: request/.test(l)).map((l) => l.replace(/.*Violation: /, ""));
    };
})();

const seen = new Set();
let sent = 0, refused = 0, absent = 0;
for (const r of JSON.parse(readFileSync(file, "utf8"))) {
    if (seen.has(shape(r))) continue;
    seen.add(shape(r));
    const event = newerEvents.find((e) => r.path === "/2/activity/subscriptions" && r.body.includes(`"${e}"`));
    const path = things ? graphPath(r.path) : r.path;
    const url = new URL((event ? newer : base) + path);
    for (const [k, v] of Object.entries(r.query)) url.searchParams.set(k, v);
    const headers = {};
    if (r.headers["content-type"]) headers["content-type"] = r.headers["content-type"];
    // Prism knows no OAuth 1.0a; what such a header says was checked by the fake.
    if (r.headers.authorization) headers.authorization = r.headers.authorization.replace(/^OAuth .*/, "Bearer user");
    newViolations();
    const answer = await fetch(url, { method: r.method, headers, body: r.body || undefined,
                                      signal: AbortSignal.timeout(30000) });
    const words = await answer.text();
    const violations = event ? [] : newViolations();
    const line = `${r.method} ${path}${url.search.slice(0, 120)} ${r.body.slice(0, 200)}`;
    sent++;
    if (answer.status === 404 && /NO_PATH_MATCHED|Route not resolved|no path matched/i.test(words)) {
        absent++;
        console.log(`ABSENT ${r.method} ${path}`);
    } else if (answer.status >= 400 || violations.length) {
        refused++;
        console.log(`REFUSED ${answer.status} ${line}\n    ${violations.join("\n    ") || words.slice(0, 300)}`);
    } else {
        console.log(`ok ${event ? "(newer document) " : ""}${r.method} ${path}`);
    }
}
console.log(`${sent} requests, ${refused} refused, ${absent} to paths that the document does not have`);
process.exit(refused ? 1 : 0);
