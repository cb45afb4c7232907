// Lines of JSON over stdin and stdout, read and written without an event loop: the emulated chip asks for a bit on its
// bus and must not go on before the answer is there. Nothing here may touch process.stdin, which would make the pipe
// non-blocking.
import fs from 'node:fs';

const STDIN = 0;
const STDOUT = 1;
const chunk = Buffer.alloc(1 << 16);
let pending = '';

export function receive() {
  let end = pending.indexOf('\n');
  while (end < 0) {
    const size = fs.readSync(STDIN, chunk);
    if (size === 0) process.exit(0); // whoever drives us has gone
    pending += chunk.toString('utf8', 0, size);
    end = pending.indexOf('\n');
  }
  const line = pending.slice(0, end);
  pending = pending.slice(end + 1);
  return JSON.parse(line);
}

export function send(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += fs.writeSync(STDOUT, bytes, sent);
}

export function ask(message) {
  send(message);
  return receive();
}
