//! The smallest ZIP writer: entries stored as they are, names as raw bytes without the UTF-8 flag, which is how providers
//! name the GBK entries of their bills.

/// An archive under construction.
#[derive(Default)]
pub struct Archive {
    body: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

impl Archive {
    /// Adds a file. Bills stay far below the format's 4 GB; a larger one is left out.
    pub fn add(&mut self, name: &[u8], content: &[u8]) {
        let (Ok(offset), Ok(size), Ok(name_len)) =
            (u32::try_from(self.body.len()), u32::try_from(content.len()), u16::try_from(name.len()))
        else {
            return;
        };
        let mut shared = Vec::new();
        for half in [20u16, 0, 0, 0, 0x0021] {
            shared.extend(half.to_le_bytes()); // version, flags, stored, time, date (1980-01-01)
        }
        for word in [crc32(content), size, size] {
            shared.extend(word.to_le_bytes());
        }
        shared.extend(name_len.to_le_bytes());
        shared.extend(0u16.to_le_bytes());

        self.body.extend(b"PK\x03\x04");
        self.body.extend(&shared);
        self.body.extend(name);
        self.body.extend(content);

        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(20u16.to_le_bytes());
        self.directory.extend(&shared);
        self.directory.extend([0; 10]); // comment, disk, attributes
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name);
        self.entries += 1;
    }

    /// The archive's bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let (offset, size) = (self.body.len(), self.directory.len());
        let mut out = self.body;
        out.extend(self.directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(self.entries.to_le_bytes());
        out.extend(self.entries.to_le_bytes());
        out.extend(u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(u32::try_from(offset).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(0u16.to_le_bytes());
        out
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn the_directory_points_at_the_entries() {
        let mut archive = Archive::default();
        archive.add(b"a", b"one");
        archive.add(b"b", b"two!");
        let bytes = archive.finish();
        let end = bytes.len() - 22;
        assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
        assert_eq!(u16::from_le_bytes([bytes[end + 10], bytes[end + 11]]), 2);
        let directory = u32::from_le_bytes(bytes[end + 16..end + 20].try_into().unwrap()) as usize;
        assert_eq!(&bytes[directory..directory + 4], b"PK\x01\x02");
        let second = directory + 46 + 1;
        let offset = u32::from_le_bytes(bytes[second + 42..second + 46].try_into().unwrap()) as usize;
        assert_eq!(&bytes[offset..offset + 4], b"PK\x03\x04");
        assert_eq!(&bytes[offset + 31..offset + 35], b"two!");
    }
}
