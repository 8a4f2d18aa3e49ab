//! Numbers of a fixed width in lower-case hexadecimal, one after the other.

/// Appends the lowest `digits` digits of `value`.
pub(super) fn push(out: &mut String, value: u64, digits: u32) {
    for position in (0..digits).rev() {
        let digit = value.checked_shr(position.saturating_mul(4)).unwrap_or(0) & 15;
        out.extend(u32::try_from(digit).ok().and_then(|digit| char::from_digit(digit, 16)));
    }
}

/// Reads numbers of `digits` digits each.
pub(super) fn read(text: &str, digits: usize) -> Option<Vec<u64>> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if !text.bytes().all(lower) {
        return None;
    }
    let chunks = text.as_bytes().chunks(digits);
    chunks
        .map(|chunk| {
            let text = std::str::from_utf8(chunk).ok().filter(|text| text.len() == digits)?;
            u64::from_str_radix(text, 16).ok()
        })
        .collect()
}
