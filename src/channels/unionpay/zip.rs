//! Reads the archive inside a settlement file's answer. Only what such files use: stored and deflated entries, one disk.

/// Settlement files are text and pack well; no day's file of one merchant comes near this.
const MOST: usize = 64 * 1024 * 1024;

/// One file of an archive.
pub struct Entry {
    pub name: Vec<u8>,
    pub content: Vec<u8>,
}

/// Inflates what was deflated with a zlib header.
///
/// # Errors
/// The problem, in words.
pub fn inflate(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(bytes, MOST).map_err(|_| "cannot be inflated")
}

/// The files of an archive, in its order.
///
/// # Errors
/// The problem, in words.
pub fn entries(archive: &[u8]) -> Result<Vec<Entry>, &'static str> {
    let broken = "is not a whole ZIP archive";
    let end = archive.windows(4).rposition(|w| w == b"PK\x05\x06").ok_or(broken)?;
    let count = half(archive, end + 10).ok_or(broken)?;
    let mut at = word(archive, end + 16).ok_or(broken)?;
    let mut found = Vec::new();
    for _ in 0..count {
        if archive.get(at..at + 4) != Some(b"PK\x01\x02") {
            return Err(broken);
        }
        let [method, name, extra, comment] = [10, 28, 30, 32].map(|offset| half(archive, at + offset));
        let [sum, packed, local] = [16, 20, 42].map(|offset| word(archive, at + offset));
        let (Some(method), Some(name_len), Some(extra), Some(comment)) = (method, name, extra, comment) else {
            return Err(broken);
        };
        let (Some(sum), Some(packed), Some(local)) = (sum, packed, local) else { return Err(broken) };
        let name = archive.get(at + 46..at + 46 + name_len).ok_or(broken)?.to_vec();
        let (Some(local_name), Some(local_extra)) = (half(archive, local + 26), half(archive, local + 28)) else {
            return Err(broken);
        };
        let begin = local + 30 + local_name + local_extra;
        let data = archive.get(begin..begin + packed).ok_or(broken)?;
        let content = match method {
            0 => data.to_vec(),
            8 => miniz_oxide::inflate::decompress_to_vec_with_limit(data, MOST)
                .map_err(|_| "holds a file that cannot be inflated")?,
            _ => return Err("is packed in an unknown way"),
        };
        if usize::try_from(crc32(&content)) != Ok(sum) {
            return Err("holds a file that does not match its checksum");
        }
        found.push(Entry { name, content });
        at += 46 + name_len + extra + comment;
    }
    Ok(found)
}

fn half(bytes: &[u8], at: usize) -> Option<usize> {
    let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(two)))
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
