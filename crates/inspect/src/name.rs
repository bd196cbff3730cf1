//! Names out of packets, made fit for a terminal.

/// A name longer than this is cut: no host, service or product needs more, and each is remembered.
pub const MAX_NAME_CHARS: usize = 120;

/// Text that a packet carries, without anything a terminal would act on.
///
/// Control characters and those that reorder or hide text become `?`; bytes that are not UTF-8 become
/// U+FFFD. At most [`MAX_NAME_CHARS`] characters, trimmed; empty where nothing is left.
pub fn sanitise(bytes: &[u8]) -> String {
    // four bytes a character at most: more need not be decoded
    let bytes = &bytes[..bytes.len().min(MAX_NAME_CHARS * 4)];
    let text = String::from_utf8_lossy(bytes);
    let safe = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    safe.chars().map(|c| if is_unsafe(c) { '?' } else { c }).take(MAX_NAME_CHARS).collect()
}

/// A host name: as [`sanitise`], in lower case, without the dot at its end.
pub fn host(bytes: &[u8]) -> String {
    let mut name = sanitise(bytes);
    name.make_ascii_lowercase();
    if name.ends_with('.') {
        name.pop();
    }
    name
}

/// Whether a server name is one: letters, digits, dots, hyphens, underscores.
pub fn is_host(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    !name.is_empty() && name.bytes().all(fits)
}

fn is_unsafe(c: char) -> bool {
    let reorders = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || reorders || matches!(c, '\u{feff}' | '\u{061c}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_becomes_a_question_mark() {
        assert_eq!(sanitise(b"a\x1b[31mred\x07"), "a?[31mred?");
        assert_eq!(sanitise("Küche \u{202e}txt".as_bytes()), "Küche ?txt");
        assert_eq!(sanitise(b"\xff\0"), "\u{fffd}");
        assert_eq!(sanitise(&[b'x'; 4000]).len(), MAX_NAME_CHARS);
    }

    #[test]
    fn a_host_is_lower_case_without_its_last_dot() {
        assert_eq!(host(b"Time.Google.COM."), "time.google.com");
        assert!(is_host("_cast.example") && !is_host("a b") && !is_host(""));
    }
}
