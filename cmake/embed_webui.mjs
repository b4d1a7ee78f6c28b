// Writes OUT/assets.S and OUT/assets.cpp, which hold every file of DIST: node embed_webui.mjs DIST OUT
// C++20 has no #embed; the assembler's .incbin puts a file into the program without passing it through the compiler.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

const [dist, out] = process.argv.slice(2)
const kTypes = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .map((file) => ({ file, path: `/${relative(dist, file).replaceAll('\\', '/')}` }))
  // By bytes, as the program looks them up.
  .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))

mkdirSync(join(out, 'gzip'), { recursive: true })
const assembler = ['    .section .rodata']
const declarations = []
const table = []

function embed(symbol, file) {
  assembler.push(`    .global ${symbol}`, `    .balign 16`, `${symbol}:`, `    .incbin "${file}"`, `    .global ${symbol}_end`, `${symbol}_end:`)
  declarations.push(`extern "C" const char ${symbol}[], ${symbol}_end[];`)
  return `std::string_view(${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol}))`
}

files.forEach(({ file, path }, index) => {
  const type = kTypes[extname(path)]
  if (!type) throw new Error(`${path}: what type of file is this? Add it to cmake/embed_webui.mjs.`)
  const content = readFileSync(file)
  const packed = gzipSync(content, { level: 9 })
  const symbol = `pintle_webui_asset_${index}`
  const plain = embed(symbol, file)
  let gzip = 'std::string_view()'
  if (packed.length < content.length * 0.9) {
    const packedFile = join(out, 'gzip', `${index}.gz`)
    writeFileSync(packedFile, packed)
    gzip = embed(`${symbol}_gz`, packedFile)
  }
  const etag = createHash('sha256').update(content).digest('hex').slice(0, 20)
  table.push(`    {"${path}", "${type}", "\\"${etag}\\"", ${plain}, ${gzip}, ${path.startsWith('/assets/')}},`)
})
assembler.push('    .section .note.GNU-stack,"",%progbits', '')

writeFileSync(join(out, 'assets.S'), assembler.join('\n'))
writeFileSync(
  join(out, 'assets.cpp'),
  `// Written by cmake/embed_webui.mjs.
#include "webui/assets.hpp"

#include <vector>

${declarations.join('\n')}

namespace pintle::webui {

std::span<const Asset> assets() {
    static const std::vector<Asset> kAssets{
${table.map((line) => `    ${line}`).join('\n')}
    };
    return kAssets;
}

}  // namespace pintle::webui
`,
)
