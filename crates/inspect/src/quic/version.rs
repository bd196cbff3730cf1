//! QUIC versions whose Initial keys are published.

/// A version, or a family of them that shares its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// RFC 9000, and drafts 33 and 34.
    V1,
    /// RFC 9369.
    V2,
    /// Drafts 29 to 32.
    Draft29,
    /// Drafts 23 to 28.
    Draft23,
    /// Google's Q050: QUIC crypto behind Initial keys.
    Q050,
    /// Google's T050: TLS with Google's frames.
    T050,
    /// Google's T051: likewise.
    T051,
}

impl Version {
    /// The version of this number on the wire; `None` where its keys are not known here.
    pub fn of_number(number: u32) -> Option<Version> {
        Some(match number {
            1 | 0xff00_0021..=0xff00_0022 => Version::V1,
            0x6b33_43cf => Version::V2,
            0xff00_001d..=0xff00_0020 => Version::Draft29,
            0xff00_0017..=0xff00_001c => Version::Draft23,
            0x5130_3530 => Version::Q050,
            0x5430_3530 => Version::T050,
            0x5430_3531 => Version::T051,
            _ => return None,
        })
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Version::V1 => "v1",
            Version::V2 => "v2",
            Version::Draft29 => "draft-29",
            Version::Draft23 => "draft-23",
            Version::Q050 => "Q050",
            Version::T050 => "T050",
            Version::T051 => "T051",
        }
    }

    /// Whether its frames are Google's rather than RFC 9000's.
    pub(super) fn has_google_frames(self) -> bool {
        matches!(self, Version::Q050 | Version::T050 | Version::T051)
    }

    /// The two type bits of an Initial packet.
    pub(super) fn initial_type(self) -> u8 {
        if self == Version::V2 { 1 } else { 0 }
    }

    /// The labels of key, initialisation vector and header protection.
    pub(super) fn labels(self) -> [&'static str; 3] {
        match self {
            Version::V2 => ["quicv2 key", "quicv2 iv", "quicv2 hp"],
            _ => ["quic key", "quic iv", "quic hp"],
        }
    }

    pub(super) fn salt(self) -> &'static [u8; 20] {
        match self {
            Version::V1 => &[
                0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,
                0xad, 0xcc, 0xbb, 0x7f, 0x0a,
            ],
            Version::V2 => &[
                0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d,
                0xcb, 0xf9, 0xbd, 0x2e, 0xd9,
            ],
            Version::Draft29 => &[
                0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11,
                0xe0, 0x43, 0x90, 0xa8, 0x99,
            ],
            Version::Draft23 => &[
                0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63,
                0x65, 0xbe, 0xf9, 0xf5, 0x02,
            ],
            Version::Q050 => &[
                0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, 0xd3, 0xa7,
                0xf0, 0xd3, 0xb5, 0x6b, 0x45,
            ],
            Version::T050 => &[
                0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36,
                0x7c, 0x60, 0x48, 0x83, 0x10,
            ],
            Version::T051 => &[
                0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8,
                0xcc, 0xda, 0x6e, 0x03, 0x3d,
            ],
        }
    }
}
