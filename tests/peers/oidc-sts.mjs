// A way to RGW's STS that puts two of its words as AWS has them: AssumeRoleId, which is AssumedRoleId, and an <Error> that
// is not inside an <ErrorResponse>. AWS's clients read neither. All else goes through as it is. Run by oidc-provider.sh.
//
// usage: node oidc-sts.mjs PORT UPSTREAM
import http from 'node:http';

const [port, upstream] = process.argv.slice(2);
http
  .createServer((asked, answer) => {
    const forwarded = http.request(upstream, { method: asked.method, path: asked.url, headers: asked.headers }, (reply) => {
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('end', () => {
        const body = Buffer.concat(chunks)
          .toString()
          .replaceAll('AssumeRoleId>', 'AssumedRoleId>')
          .replace(/^(<\?xml[^>]*\?>)?\s*(<Error>[\s\S]*<\/Error>)\s*$/, '$1<ErrorResponse>$2</ErrorResponse>');
        const { 'content-length': _, 'transfer-encoding': __, ...headers } = reply.headers;
        answer.writeHead(reply.statusCode, { ...headers, 'content-length': Buffer.byteLength(body) });
        answer.end(body);
      });
    });
    forwarded.on('error', () => answer.destroy());
    asked.pipe(forwarded);
  })
  .listen(Number(port), '127.0.0.1');
