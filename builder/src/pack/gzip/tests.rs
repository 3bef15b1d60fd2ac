use std::io::Read;

use flate2::read::{GzDecoder, MultiGzDecoder};
use proptest::prelude::*;

use super::{BLOCK, Compression, Envelope, PACKED, Packer};

fn stream(compression: Compression, blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut packer = Packer::new(compression);
    let mut envelope = Envelope::new(compression);
    let mut output = vec![0; PACKED];
    let mut stream = envelope.opening().to_vec();
    for block in blocks {
        let piece = packer.pack(block, &mut output).unwrap();
        stream.extend_from_slice(&output[..piece.packed]);
        envelope.add(&piece);
    }
    stream.extend(envelope.closing());
    stream
}

#[track_caller]
fn check(blocks: &[Vec<u8>]) {
    let expected = blocks.concat();
    let mut got = Vec::new();
    let members = stream(Compression::Members, blocks);
    MultiGzDecoder::new(&members[..]).read_to_end(&mut got).unwrap();
    assert!(got == expected, "members");

    // This decoder stops after the first member, and checks sum and length.
    let single = stream(Compression::Single, blocks);
    got.clear();
    let mut decoder = GzDecoder::new(&single[..]);
    decoder.read_to_end(&mut got).unwrap();
    assert!(got == expected, "single");
    assert!(decoder.into_inner().is_empty(), "nothing follows the member");
}

/// Bytes without any pattern.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn blocks_of_every_kind_come_back() {
    check(&[b"a".to_vec()]);
    check(&[vec![0; BLOCK], noise(BLOCK), vec![b'x'; BLOCK], noise(10_240)]);
}

#[test]
fn no_name_and_no_time_are_stored() {
    for compression in [Compression::Members, Compression::Single] {
        let bytes = stream(compression, &[b"a".to_vec()]);
        assert_eq!(&bytes[..8], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_the_blocks_they_come_back(
        blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..5000), 1..6),
    ) {
        check(&blocks);
    }
}
