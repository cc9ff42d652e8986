// Verify checks a log with Go's own packages for checksum databases, which know nothing of this platform.
//
//	verify <folder> <verifier key>
//
// The folder holds what a client fetched: checkpoint, tile/<level>/<number>[.p/<width>], tile/entries/…, old (an earlier
// checkpoint). Verified are the notes' signatures, every leaf's hash and inclusion, and that the log has only grown.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type folder struct{ root string }

func (f folder) Height() int { return height }

// Addresses of C2SP tlog-tiles are those of package tlog without the height.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.root, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error, what string) {
	if err != nil {
		fmt.Println("FAILED", what, err)
		os.Exit(1)
	}
}

// head opens a signed checkpoint of C2SP tlog-checkpoint: origin, size, root. Its body is that of package tlog but for the
// first line, so the parser is given that line.
func (f folder) head(name string, verifier note.Verifier) tlog.Tree {
	raw, err := os.ReadFile(filepath.Join(f.root, name))
	must(err, "reading "+name)
	opened, err := note.Open(raw, note.VerifierList(verifier))
	must(err, "opening "+name)
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != verifier.Name() {
		must(fmt.Errorf("origin %q", origin), name)
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	must(err, "parsing "+name)
	return tree
}

func (f folder) leaves(size int64) [][]byte {
	var leaves [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := 256
		if left := size - n*256; left < 256 {
			width = int(left)
		}
		tile := tlog.Tile{H: height, L: -1, N: n, W: width}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(f.root, path))
		must(err, "reading entries")
		for len(bundle) >= 2 {
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			if end > len(bundle) {
				must(fmt.Errorf("bundle %d ends too early", n), "reading entries")
			}
			leaves = append(leaves, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	if int64(len(leaves)) != size {
		must(fmt.Errorf("%d leaves", len(leaves)), "counting entries")
	}
	return leaves
}

func main() {
	log := folder{os.Args[1]}
	verifier, err := note.NewVerifier(os.Args[2])
	must(err, "reading the key")
	now, before := log.head("checkpoint", verifier), log.head("old", verifier)
	reader := tlog.TileHashReader(now, log)
	root, err := tlog.TreeHash(now.N, reader)
	must(err, "computing the root")
	if root != now.Hash {
		must(fmt.Errorf("%v", root), "comparing the root")
	}
	for place, leaf := range log.leaves(now.N) {
		proof, err := tlog.ProveRecord(now.N, int64(place), reader)
		must(err, "proving an entry")
		must(tlog.CheckRecord(proof, now.N, now.Hash, int64(place), tlog.RecordHash(leaf)), "checking an entry")
	}
	grown, err := tlog.ProveTree(now.N, before.N, reader)
	must(err, "proving growth")
	must(tlog.CheckTree(grown, now.N, now.Hash, before.N, before.Hash), "checking growth")
	fmt.Println("OK", before.N, now.N)
}
