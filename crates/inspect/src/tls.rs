//! TLS ClientHello: the server's name in the clear.
//!
//! Source: RFC 8446 section 4.1.2, RFC 6066 section 3. With encrypted ClientHello the outer name is
//! what is seen.

use super::name;

/// What the beginning of a handshake says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hello {
    /// The server's name.
    Name(String),
    /// A ClientHello that is not all there: the name may come in the bytes that follow.
    Incomplete,
    /// A whole ClientHello without a name.
    Nameless,
    /// No ClientHello.
    None,
}

/// Reads the TLS record at the beginning of a TCP segment.
pub fn read_record(segment: &[u8]) -> Hello {
    match segment {
        // handshake, TLS 1.x, and the first message a ClientHello
        [0x16, 3, _, high, low, body @ ..] if body.first().is_none_or(|&b| b == 1) => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            read_hello(&body[..body.len().min(length)])
        }
        _ => Hello::None,
    }
}

/// Reads a handshake message: what a TLS record or QUIC's CRYPTO frames carry.
pub fn read_hello(handshake: &[u8]) -> Hello {
    let [kind, high, middle, low, body @ ..] = handshake else {
        return if handshake.first().is_none_or(|&b| b == 1) { Hello::Incomplete } else { Hello::None };
    };
    if *kind != 1 {
        return Hello::None;
    }
    let length = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
    let whole = body.len() >= length;
    match server_name(&body[..body.len().min(length)], whole) {
        Some(Some(name)) => Hello::Name(name),
        Some(None) => Hello::Nameless,
        None if whole => Hello::None,
        None => Hello::Incomplete,
    }
}

/// The name in a ClientHello's body: `None` where the bytes end before it is decided.
fn server_name(body: &[u8], whole: bool) -> Option<Option<String>> {
    // version and random
    let rest = body.get(34..)?;
    let rest = skip_vector(rest, 1)?;
    let rest = skip_vector(rest, 2)?;
    let rest = skip_vector(rest, 1)?;
    let Some((&[high, low], rest)) = rest.split_first_chunk() else {
        // a ClientHello of old may end here, without extensions
        return (whole && rest.is_empty()).then_some(None);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let all_there = rest.len() >= length;
    let mut extensions = &rest[..rest.len().min(length)];
    while let Some((&[a, b, high, low], rest)) = extensions.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some((data, after)) = rest.split_at_checked(length) else { break };
        if [a, b] == [0, 0] {
            return Some(host_name(data));
        }
        extensions = after;
    }
    all_there.then_some(None)
}

/// The host name in a server_name extension.
fn host_name(data: &[u8]) -> Option<String> {
    let [_, _, 0, high, low, rest @ ..] = data else { return None };
    let name = rest.get(..usize::from(u16::from_be_bytes([*high, *low])))?;
    Some(name::host(name)).filter(|name| name::is_host(name))
}

/// Steps over a vector whose length stands in its first `size` bytes, one or two.
fn skip_vector(bytes: &[u8], size: usize) -> Option<&[u8]> {
    let (length, rest) = bytes.split_at_checked(size)?;
    let length = length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
    rest.get(length..)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A ClientHello handshake message with one extension before the name.
    pub fn hello(name: &str) -> Vec<u8> {
        let n = name.len() as u8;
        let mut extensions = vec![0x0a, 0x0a, 0, 2, 9, 9];
        extensions.extend([0, 0, 0, n + 5, 0, n + 3, 0, 0, n]);
        extensions.extend(name.bytes());
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([2, 1, 1, 0, 2, 0x13, 1, 1, 0, 0, extensions.len() as u8]);
        body.extend(extensions);
        let mut out = vec![1, 0, 0, body.len() as u8];
        out.extend(body);
        out
    }

    #[test]
    fn the_name_is_read() {
        let hello = hello("Cast.Example.com");
        let mut record = vec![0x16, 3, 1, 0, hello.len() as u8];
        record.extend(&hello);
        assert_eq!(read_record(&record), Hello::Name("cast.example.com".into()));
        for n in 0..record.len() {
            assert!(matches!(read_record(&record[..n]), Hello::Incomplete | Hello::None), "{n}");
        }
    }

    #[test]
    fn what_is_no_hello_is_said_to_be_none() {
        assert_eq!(read_record(b"GET / HTTP/1.1"), Hello::None);
        assert_eq!(read_record(&[0x16, 3, 3, 0, 4, 2, 0, 0, 0]), Hello::None);
        let mut lying = hello("a.example");
        let at = lying.len() - 10;
        lying[at] = 200;
        assert_eq!(read_hello(&lying), Hello::Nameless);
        assert_eq!(read_hello(&hello("no\x1bname")), Hello::Nameless);
    }
}
