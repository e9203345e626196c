//! Spoils bytes, reproducibly: what a broken network, a careless provider or an attacker makes of a message.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

/// The most that ever reaches a decoder.
pub const LONGEST: usize = 64 * 1024;

/// Pieces that readers of some format treat specially.
const TOKENS: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"\\",
    b"{",
    b"[",
    b"]",
    b"}",
    b":",
    b",",
    b"null",
    b"true",
    b"-0",
    b"1e999",
    b"0.1",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"00000000000000000000000001",
    b"&",
    b"=",
    b"%",
    b"%00",
    b"%zz",
    b"+",
    b"<",
    b">",
    b"</",
    b"/>",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"&b;",
    b"&#0;",
    b"&#x110000;",
    b"&#99999999999;",
    b"<?xml version=\"1.0\" encoding=\"GBK\"?>",
    b"<!--",
    b"-----BEGIN ",
    b"-----END ",
    b"-----",
    b"\x30\x84\xff\xff\xff\xff",
    b"\x30\x80",
    b"\x02\x01\x00",
    b"\xf0\x9f\x98\x80",
    "\u{202e}".as_bytes(),
    "茶".as_bytes(),
    b"2026-02-30 25:61:61",
    b"99991231235959",
    b"00000000000000",
];

/// Makes one message after the other from honest ones.
pub struct Mutator {
    chance: StdRng,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    pub fn new(seed: u64, seeds: Vec<Vec<u8>>) -> Self {
        assert!(!seeds.is_empty(), "nothing to spoil");
        Self { chance: StdRng::seed_from_u64(seed), seeds }
    }

    /// The next message: at times an honest one, mostly one with a few changes, at times noise.
    pub fn next(&mut self) -> Vec<u8> {
        let seed = self.seeds.choose(&mut self.chance).cloned().unwrap_or_default();
        self.spoil(seed)
    }

    pub fn chance(&mut self) -> &mut StdRng {
        &mut self.chance
    }

    /// One message with up to eight changes.
    pub fn spoil(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        let changes = match self.chance.gen_range(0..20) {
            0 => 0,
            1..=12 => 1,
            13..=17 => 2,
            _ => self.chance.gen_range(3..9),
        };
        for _ in 0..changes {
            self.change(&mut bytes);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.chance.gen_range(0..=bytes.len());
        let end = (at + self.length()).min(bytes.len());
        match self.chance.gen_range(0..12) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.chance.gen_range(0..8),
            1 if at < bytes.len() => bytes[at] = self.chance.r#gen(),
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => {
                let piece = bytes[at..end].to_vec();
                let times = self.times();
                insert(bytes, end, &piece, times);
            }
            5 | 6 => {
                let token = TOKENS.choose(&mut self.chance).copied().unwrap_or_default();
                let times = self.times();
                insert(bytes, at, token, times);
            }
            7 => {
                let token = TOKENS.choose(&mut self.chance).copied().unwrap_or_default();
                drop(bytes.splice(at..end, token.iter().copied()));
            }
            8 => {
                // The head of one message and the tail of another.
                let other = self.seeds.choose(&mut self.chance).cloned().unwrap_or_default();
                let from = self.chance.gen_range(0..=other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            9 => {
                let to = self.chance.gen_range(0..=bytes.len());
                let piece: Vec<u8> = bytes.drain(at.min(to)..at.max(to)).collect();
                bytes.extend(piece);
            }
            10 => self.change_number(bytes),
            _ => {
                let noise: Vec<u8> = (0..self.length()).map(|_| self.chance.r#gen()).collect();
                insert(bytes, at, &noise, 1);
            }
        }
        bytes.truncate(LONGEST);
    }

    /// Puts another number in the place of one: amounts, lengths, times.
    fn change_number(&mut self, bytes: &mut Vec<u8>) {
        let starts: Vec<usize> =
            (0..bytes.len()).filter(|i| bytes[*i].is_ascii_digit() && (*i == 0 || !bytes[*i - 1].is_ascii_digit())).collect();
        let Some(start) = starts.choose(&mut self.chance).copied() else { return };
        let end = bytes[start..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |n| start + n);
        let number = match self.chance.gen_range(0..5) {
            0 => String::new(),
            1 => "-1".to_owned(),
            2 => "1.005".to_owned(),
            3 => "9".repeat(self.chance.gen_range(1..40)),
            _ => self.chance.gen_range(0..i64::MAX).to_string(),
        };
        drop(bytes.splice(start..end, number.into_bytes()));
    }

    fn length(&mut self) -> usize {
        if self.chance.gen_bool(0.9) { self.chance.gen_range(1..20) } else { self.chance.gen_range(1..2000) }
    }

    /// Mostly once; at times so often that it fills the room.
    fn times(&mut self) -> usize {
        match self.chance.gen_range(0..20) {
            0 => 10_000,
            1 | 2 => self.chance.gen_range(2..200),
            _ => 1,
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8], times: usize) {
    let room = LONGEST.saturating_sub(bytes.len()) / piece.len().max(1);
    let tail = bytes.split_off(at);
    for _ in 0..times.min(room) {
        bytes.extend_from_slice(piece);
    }
    bytes.extend(tail);
}

#[test]
fn the_same_seed_makes_the_same_messages() {
    let make = |seed| {
        let mut mutator = Mutator::new(seed, vec![b"<xml><a>1</a></xml>".to_vec(), b"{\"a\":1}".to_vec()]);
        (0..500).map(|_| mutator.next()).collect::<Vec<_>>()
    };
    let messages = make(1);
    assert_eq!(messages, make(1));
    assert_ne!(messages, make(2));
    assert!(messages.iter().all(|m| m.len() <= LONGEST));
    assert!(messages.iter().collect::<std::collections::BTreeSet<_>>().len() > 300, "they differ");
}
