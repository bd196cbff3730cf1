//! DHCP: what a device says of itself when it asks for an address.
//!
//! Source: RFC 2131 section 2, RFC 2132 (12, 60), RFC 4702 (81).

use super::name;

/// What a DHCP message says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// From a server: whoever sends it gives out addresses.
    pub is_reply: bool,
    /// Option 12 or 81.
    pub host_name: Option<String>,
    /// Option 60.
    pub vendor_class: Option<String>,
}

const OPTIONS_AT: usize = 240;
const MAGIC: [u8; 4] = [0x63, 0x82, 0x53, 0x63];

/// Reads a DHCP message; `None` where it is none, and what is cut ends it.
pub fn read(message: &[u8]) -> Option<Message> {
    if message.get(236..OPTIONS_AT)? != MAGIC {
        return None;
    }
    let mut out = Message { is_reply: message[0] == 2, ..Message::default() };
    let mut options = &message[OPTIONS_AT..];
    while let [code, rest @ ..] = options {
        match code {
            0 => options = rest,
            255 => break,
            code => {
                let [length, rest @ ..] = rest else { break };
                let Some((value, after)) = rest.split_at_checked(usize::from(*length)) else { break };
                out.option(*code, value);
                options = after;
            }
        }
    }
    Some(out)
}

impl Message {
    fn option(&mut self, code: u8, value: &[u8]) {
        let text = |value: &[u8]| Some(name::sanitise(value)).filter(|text| !text.is_empty());
        match code {
            12 => self.host_name = text(value),
            60 => self.vendor_class = text(value),
            // flags and two result codes, then the name
            81 if self.host_name.is_none() => self.host_name = value.get(3..).and_then(text),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(options: &[u8]) -> Vec<u8> {
        let mut message = vec![0; 236];
        message[0] = 1;
        message.extend(MAGIC);
        message.extend_from_slice(options);
        message
    }

    #[test]
    fn host_name_and_vendor_class_are_read() {
        let read = read(&request(b"\x35\x01\x03\0\0\x0c\x03box\x3c\x04dhcp\xff\x0c\x03not")).unwrap();
        let expected =
            Message { is_reply: false, host_name: Some("box".into()), vendor_class: Some("dhcp".into()) };
        assert_eq!(read, expected);
    }

    #[test]
    fn cut_and_foreign_messages_are_survived() {
        let whole = request(b"\x0c\x03box\x3c\xffx");
        (0..whole.len()).for_each(|n| {
            let _ = read(&whole[..n]);
        });
        assert_eq!(read(&whole).unwrap().host_name.as_deref(), Some("box"));
        assert_eq!(read(&[1; 300]), None);
    }
}
