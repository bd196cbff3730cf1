//! HTTP and SSDP heads: the few header lines that say what a device is.
//!
//! Source: RFC 9112 section 2; UPnP Device Architecture 1.1 section 1.

use super::name;

/// No further than this into a head.
const MAX_HEAD_BYTES: usize = 4096;

/// The header lines that count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// What kind of message it is.
    pub kind: HeadKind,
    /// `Host`, port taken off.
    pub host: Option<String>,
    /// `User-Agent`.
    pub agent: Option<String>,
    /// `Server`.
    pub server: Option<String>,
    /// `NT` or `ST`: what is announced or asked for.
    pub service: Option<String>,
}

/// The first line of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeadKind {
    /// A client asks a server.
    #[default]
    Request,
    /// A server answers, to SSDP questions too.
    Response,
    /// SSDP: a device announces itself.
    Notify,
    /// SSDP: a device looks for others.
    Search,
}

/// Reads a head; `None` where the bytes do not begin with one.
pub fn read(bytes: &[u8]) -> Option<Head> {
    let kind = match bytes {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', ..] => HeadKind::Response,
        _ if bytes.starts_with(b"NOTIFY * ") => HeadKind::Notify,
        _ if bytes.starts_with(b"M-SEARCH * ") => HeadKind::Search,
        _ if [&b"GET "[..], b"POST ", b"HEAD ", b"PUT "].iter().any(|m| bytes.starts_with(m)) => {
            HeadKind::Request
        }
        _ => return None,
    };
    let mut head = Head { kind, ..Head::default() };
    let bytes = &bytes[..bytes.len().min(MAX_HEAD_BYTES)];
    for line in bytes.split(|&b| b == b'\n').skip(1) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        head.line(line);
    }
    Some(head)
}

impl Head {
    fn line(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|&b| b == b':') else { return };
        let (key, value) = (&line[..colon], name::sanitise(&line[colon + 1..]));
        if value.is_empty() {
            return;
        }
        let slot = match key.to_ascii_lowercase().as_slice() {
            b"host" => {
                let host = name::host(value.split(':').next().unwrap_or("").as_bytes());
                self.host = Some(host).filter(|host| name::is_host(host));
                return;
            }
            b"user-agent" => &mut self.agent,
            b"server" => &mut self.server,
            b"nt" | b"st" => &mut self.service,
            _ => return,
        };
        *slot = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_host_and_agent() {
        let head =
            read(b"GET /generate_204 HTTP/1.1\r\nHOST: Example.com:80\r\nUser-Agent: x\x1b\r\n\r\nHost: no");
        let head = head.unwrap();
        assert_eq!((head.host.as_deref(), head.agent.as_deref()), (Some("example.com"), Some("x?")));
    }

    #[test]
    fn an_announcement_names_server_and_service() {
        let head = read(b"NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nSERVER: Linux Sonos/70.3\r\n").unwrap();
        assert_eq!(head.kind, HeadKind::Notify);
        assert_eq!(head.server.as_deref(), Some("Linux Sonos/70.3"));
        assert_eq!(head.service.as_deref(), Some("upnp:rootdevice"));
        assert_eq!(read(b"\x16\x03\x01"), None);
    }
}
