// An independent UnixFS importer, asked line by line: {"seed","size","cidVersion","rawLeaves","chunkSize"} in, CID out.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { BlackHoleBlockstore } from 'blockstore-core/black-hole'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'

const bytes = (seed, size) =>
  size === 0 ? Buffer.alloc(0) : createHash('shake256', { outputLength: size }).update(seed).digest()

async function rootOf ({ seed, size, cidVersion, rawLeaves, chunkSize }) {
  const options = {
    cidVersion,
    rawLeaves,
    leafType: 'file',
    reduceSingleLeafToSelf: true,
    wrapWithDirectory: false,
    chunker: fixedSize({ chunkSize }),
    layout: balanced({ maxChildrenPerNode: 174 })
  }
  let root
  for await (const entry of importer([{ content: bytes(seed, size) }], new BlackHoleBlockstore(), options)) {
    root = entry
  }
  return root.cid.toString()
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(await rootOf(JSON.parse(line)) + '\n')
}
