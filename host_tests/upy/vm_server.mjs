// One Node process that runs test files on MicroPython, each in a fresh virtual machine with the tree mounted.
// One JSON object a line each way: {files: [[path in the VM, path here], ...], path, test_file, tests} in,
// {results: {name: traceback or null}, found, output, died} out. The virtual machine collects garbage only between
// calls from here, so every test, and every step of a test that yields, is a call of its own.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

const [modules, heap] = process.argv.slice(2);
const folder = path.join(modules, '@micropython', 'micropython-webassembly-pyscript');
const { loadMicroPython } = await import(path.join(folder, 'micropython.mjs'));
const contents = new Map();

function content(file) {
  const { mtimeNs, size } = fs.statSync(file, { bigint: true });
  const known = contents.get(file);
  if (known?.mtimeNs === mtimeNs && known.size === size) return known.bytes;
  const bytes = fs.readFileSync(file);
  contents.set(file, { mtimeNs, size, bytes });
  return bytes;
}

function mount(mp, files) {
  const made = new Set();
  for (const [target, source] of files) {
    const parent = path.posix.dirname(target);
    if (!made.has(parent)) mp.FS.mkdirTree(parent);
    made.add(parent);
    mp.FS.writeFile(target, content(source));
  }
}

function runTests(mp, request) {
  const call = (code) => { mp.runPython(code); return JSON.parse(mp.globals.get('_answer')); };
  mp.runPython(`import sys\nsys.path[:] = ${JSON.stringify(request.path)}\nimport json\nfrom upy import runner\n`);
  const found = call(`_answer = json.dumps(runner.load(${JSON.stringify(request.test_file)}))`);
  if (found.error) return { results: {}, found: [], load_error: found.error };
  const results = {};
  for (const name of request.tests) {
    let answer = call(`_answer = json.dumps(runner.start(${JSON.stringify(name)}))`);
    while (answer.more) answer = call('_answer = json.dumps(runner.resume())');
    results[name] = answer.error;
  }
  return { results, found: found.names };
}

async function serve(request) {
  const output = [];
  const print = (bytes) => { output.push(bytes[0]); };
  const mp = await loadMicroPython({
    url: path.join(folder, 'micropython.wasm'), heapsize: Number(heap), linebuffer: false, stdout: print, stderr: print,
  });
  let answer;
  try {
    mount(mp, request.files);
    answer = runTests(mp, request);
  } catch (error) {
    answer = { results: {}, found: [], died: String(error.stack || error) };
  }
  return { ...answer, output: Buffer.from(output).toString('utf8') };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await serve(JSON.parse(line)))}\n`);
}
