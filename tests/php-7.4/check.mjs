// Reads every PHP file of a folder with PHP 7.4 itself (compiled to WebAssembly) and runs the folder's own tests by it.
// `node check.mjs FOLDER`: one line for each file that 7.4 does not take; exit code 1 when there is one.

import { getPHPLoaderModule } from "@php-wasm/node-7-4";
import { PHP, loadPHPRuntime } from "@php-wasm/universal";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const folder = process.argv[2];

function files(below) {
  return readdirSync(below).sort().flatMap((name) => {
    const path = join(below, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

// A PHP of its own for each program: the command line's cannot follow another one.
async function phpWithFiles() {
  const php = new PHP(await loadPHPRuntime(await getPHPLoaderModule(), {}));
  for (const file of files(folder).filter((name) => name.endsWith(".php"))) {
    const target = join("/bridge", relative(folder, file));
    php.mkdir(dirname(target));
    php.writeFile(target, readFileSync(file));
  }
  php.writeFile("/check.php", readFileSync(join(dirname(fileURLToPath(import.meta.url)), "check.php")));
  return php;
}

const php = await phpWithFiles();
const check = await php.run({ code: "<?php require '/check.php';" }).catch((error) => {
  if (!error.response) throw error;
  return error.response;
});
process.stdout.write(check.text + (check.errors ?? ""));
if (check.exitCode !== 0 || !php.fileExists("/bridge/tests/run.php")) {
  process.exit(check.exitCode);
}
// As on the command line, which is where these tests run.
const tests = await (await phpWithFiles()).cli(["php", "/bridge/tests/run.php"]);
process.stdout.write((await tests.stdoutText) + (await tests.stderrText));
process.exit(await tests.exitCode);
