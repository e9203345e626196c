// Finishes the site's files: one minified style sheet, and a .br neighbour of everything worth compressing.
// usage: node end2end/site.mjs SITE_ROOT
import { brotliCompressSync, constants } from 'node:zlib';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { browserslistToTargets, bundle } from 'lightningcss';

const root = process.argv[2];
const { code } = bundle({
  filename: 'style/main.css',
  minify: true,
  // Old in-app browsers are common: two years back.
  targets: browserslistToTargets(['chrome 111', 'safari 15.4', 'firefox 113']),
});
writeFileSync(join(root, 'pkg', 'cashier.css'), code);

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

for (const path of files(root)) {
  if (!/\.(js|css|wasm|svg|txt)$/.test(path)) continue;
  const raw = readFileSync(path);
  const small = brotliCompressSync(raw, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
  });
  writeFileSync(`${path}.br`, small);
  if (path.includes(`${join('pkg', '')}`)) {
    console.log(`${path.slice(root.length + 1).padEnd(24)} ${String(raw.length).padStart(8)} B ${String(small.length).padStart(8)} B brotli`);
  }
}
