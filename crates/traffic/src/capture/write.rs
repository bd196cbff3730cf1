//! Writes captures: pcapng and pcap, both with nanoseconds.
//!
//! Source: pcapng, draft-ietf-opsawg-pcapng (blocks 0x0A0D0D0A, 1 and 6); pcap, draft-ietf-opsawg-pcap
//! (magic 0xA1B23C4D).

use std::io::{self, Write};

use super::{Frame, LinkType};

/// Longest frame the writers promise in their headers.
///
/// Unit: bytes. tcpdump's own default.
pub const SNAPLEN_BYTES: u32 = 262_144;

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1A2B_3C4D;
const NANOSECOND_PCAP: u32 = 0xA1B2_3C4D;
/// How the comment of a capture of generated traffic begins.
pub const GENERATED: &str = "generated traffic: ";

const OPTION_END: u16 = 0;
const OPTION_COMMENT: u16 = 1;
const OPTION_USERAPPL: u16 = 4;
const OPTION_TSRESOL: u16 = 9;

/// Writes one pcapng section, little-endian, timestamps in nanoseconds; an interface for each link type.
///
/// Nothing is buffered here: hand in a `BufWriter`.
#[derive(Debug)]
pub struct PcapngWriter<W> {
    out: W,
    block: Vec<u8>,
    links: Vec<LinkType>,
}

impl PcapngWriter<()> {
    /// Goes on with a file that [`PcapngWriter::paused`] left off; `out` appends to it.
    pub fn resumed<W: Write>(self, out: W) -> PcapngWriter<W> {
        PcapngWriter { out, block: self.block, links: self.links }
    }
}

impl<W: Write> PcapngWriter<W> {
    /// Starts the file: section header (`shb_userappl` "overhear") and interface description.
    ///
    /// # Errors
    /// What the writer underneath returns.
    pub fn new(out: W, link: LinkType) -> io::Result<Self> {
        let mut writer = PcapngWriter::begin(out, None)?;
        writer.interface(link)?;
        Ok(writer)
    }

    /// Starts the file with its section header; interfaces follow with the first frame of each link type. `generated`: how its
    /// traffic was generated, where it was; readers hand it on.
    ///
    /// # Errors
    /// What the writer underneath returns.
    pub fn begin(out: W, generated: Option<&str>) -> io::Result<Self> {
        let mut writer = PcapngWriter { out, block: Vec::new(), links: Vec::new() };
        writer.start(SECTION_HEADER);
        writer.block.extend_from_slice(&BYTE_ORDER_MAGIC.to_le_bytes());
        writer.block.extend_from_slice(&1u16.to_le_bytes());
        writer.block.extend_from_slice(&0u16.to_le_bytes());
        // The section's length is not known while streaming: −1 says so.
        writer.block.extend_from_slice(&(-1i64).to_le_bytes());
        if let Some(generated) = generated {
            writer.option(OPTION_COMMENT, format!("{GENERATED}{generated}").as_bytes());
        }
        writer.option(OPTION_USERAPPL, b"overhear");
        writer.option(OPTION_END, b"");
        writer.finish_block()?;
        Ok(writer)
    }

    /// The number of a link type's interface, which is described first where it is new.
    fn interface(&mut self, link: LinkType) -> io::Result<u32> {
        if let Some(number) = self.links.iter().position(|known| *known == link) {
            return Ok(number as u32);
        }
        self.start(INTERFACE);
        self.block.extend_from_slice(&link.0.to_le_bytes());
        self.block.extend_from_slice(&0u16.to_le_bytes());
        self.block.extend_from_slice(&SNAPLEN_BYTES.to_le_bytes());
        self.option(OPTION_TSRESOL, &[9]);
        self.option(OPTION_END, b"");
        self.finish_block()?;
        self.links.push(link);
        Ok(self.links.len() as u32 - 1)
    }

    /// Appends a frame as it was captured.
    ///
    /// # Errors
    /// As [`PcapngWriter::write`].
    pub fn write_frame(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let interface = self.interface(frame.link)?;
        self.packet(interface, frame.time_ns, frame.bytes, frame.length_bytes)
    }

    /// Flushes, and lets go of the writer underneath until the file is gone on with.
    ///
    /// # Errors
    /// What flushing returns.
    pub fn paused(mut self) -> io::Result<PcapngWriter<()>> {
        self.out.flush()?;
        Ok(PcapngWriter { out: (), block: self.block, links: self.links })
    }

    /// Appends one frame as an enhanced packet block.
    ///
    /// `time_ns`: nanoseconds since 1970-01-01 UTC. `length_bytes`: the frame on the wire, which may be longer than
    /// what was captured.
    ///
    /// # Errors
    /// `InvalidInput` for a time before 1970 or a frame longer than [`SNAPLEN_BYTES`], else what the writer
    /// underneath returns.
    pub fn write(&mut self, time_ns: i64, captured: &[u8], length_bytes: u32) -> io::Result<()> {
        self.packet(0, time_ns, captured, length_bytes)
    }

    fn packet(&mut self, interface: u32, time_ns: i64, captured: &[u8], length_bytes: u32) -> io::Result<()> {
        let time = checked_time(time_ns)?;
        let captured_bytes = checked_length(captured)?;
        self.start(ENHANCED_PACKET);
        self.block.extend_from_slice(&interface.to_le_bytes());
        self.block.extend_from_slice(&((time >> 32) as u32).to_le_bytes());
        self.block.extend_from_slice(&(time as u32).to_le_bytes());
        self.block.extend_from_slice(&captured_bytes.to_le_bytes());
        self.block.extend_from_slice(&length_bytes.max(captured_bytes).to_le_bytes());
        self.block.extend_from_slice(captured);
        self.pad();
        self.finish_block()
    }

    /// Flushes and gives the writer underneath back.
    ///
    /// # Errors
    /// What flushing returns.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn start(&mut self, kind: u32) {
        self.block.clear();
        self.block.extend_from_slice(&kind.to_le_bytes());
        self.block.extend_from_slice(&[0; 4]);
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        self.block.extend_from_slice(&code.to_le_bytes());
        self.block.extend_from_slice(&(value.len() as u16).to_le_bytes());
        self.block.extend_from_slice(value);
        self.pad();
    }

    fn pad(&mut self) {
        let padded = self.block.len().next_multiple_of(4);
        self.block.resize(padded, 0);
    }

    fn finish_block(&mut self) -> io::Result<()> {
        // Both copies of the length: at the front, where `start` left room, and at the end.
        let total = (self.block.len() as u32 + 4).to_le_bytes();
        self.block[4..8].copy_from_slice(&total);
        self.block.extend_from_slice(&total);
        self.out.write_all(&self.block)
    }
}

/// Writes one classic pcap file, little-endian, timestamps in nanoseconds.
///
/// Nothing is buffered here: hand in a `BufWriter`. The format ends in the year 2106.
#[derive(Debug)]
pub struct PcapWriter<W: Write> {
    out: W,
    record: Vec<u8>,
}

impl<W: Write> PcapWriter<W> {
    /// Starts the file with its header.
    ///
    /// # Errors
    /// What the writer underneath returns.
    pub fn new(mut out: W, link: LinkType) -> io::Result<Self> {
        let mut header = Vec::with_capacity(24);
        header.extend_from_slice(&NANOSECOND_PCAP.to_le_bytes());
        header.extend_from_slice(&2u16.to_le_bytes());
        header.extend_from_slice(&4u16.to_le_bytes());
        header.extend_from_slice(&[0; 8]);
        header.extend_from_slice(&SNAPLEN_BYTES.to_le_bytes());
        header.extend_from_slice(&u32::from(link.0).to_le_bytes());
        out.write_all(&header)?;
        Ok(PcapWriter { out, record: Vec::new() })
    }

    /// Appends one frame; arguments as in [`PcapngWriter::write`].
    ///
    /// # Errors
    /// `InvalidInput` for a time before 1970 or past 2106, or a frame longer than [`SNAPLEN_BYTES`]; else what the
    /// writer underneath returns.
    pub fn write(&mut self, time_ns: i64, captured: &[u8], length_bytes: u32) -> io::Result<()> {
        let time = checked_time(time_ns)?;
        let captured_bytes = checked_length(captured)?;
        let seconds = u32::try_from(time / 1_000_000_000).map_err(|_| {
            invalid(format!("time {time_ns} ns does not fit pcap's 32 bits of seconds; write pcapng"))
        })?;
        self.record.clear();
        self.record.extend_from_slice(&seconds.to_le_bytes());
        self.record.extend_from_slice(&((time % 1_000_000_000) as u32).to_le_bytes());
        self.record.extend_from_slice(&captured_bytes.to_le_bytes());
        self.record.extend_from_slice(&length_bytes.max(captured_bytes).to_le_bytes());
        self.record.extend_from_slice(captured);
        self.out.write_all(&self.record)
    }

    /// Flushes and gives the writer underneath back.
    ///
    /// # Errors
    /// What flushing returns.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

fn checked_time(time_ns: i64) -> io::Result<u64> {
    u64::try_from(time_ns).map_err(|_| invalid(format!("time {time_ns} ns is before 1970")))
}

fn checked_length(captured: &[u8]) -> io::Result<u32> {
    match u32::try_from(captured.len()) {
        Ok(length) if length <= SNAPLEN_BYTES => Ok(length),
        _ => Err(invalid(format!("frame of {} bytes is above the limit of {SNAPLEN_BYTES}", captured.len()))),
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn word(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    }

    proptest! {
        #[test]
        fn pcapng_blocks_have_equal_lengths_at_both_ends(
            frames in prop::collection::vec((0i64..i64::MAX, prop::collection::vec(any::<u8>(), 0..300), 0u32..2000), 0..8),
        ) {
            let mut writer = PcapngWriter::new(Vec::new(), LinkType::ETHERNET).unwrap();
            for (time, bytes, extra) in &frames {
                writer.write(*time, bytes, bytes.len() as u32 + extra).unwrap();
            }
            let file = writer.finish().unwrap();
            let (mut at, mut blocks) = (0, Vec::new());
            while at < file.len() {
                let total = word(&file, at + 4) as usize;
                prop_assert_eq!(total % 4, 0);
                prop_assert_eq!(word(&file, at + total - 4) as usize, total);
                blocks.push(&file[at..at + total]);
                at += total;
            }
            prop_assert_eq!(at, file.len());
            prop_assert_eq!(blocks.len(), frames.len() + 2);
            for (block, (time, bytes, extra)) in blocks[2..].iter().zip(&frames) {
                let stamp = u64::from(word(block, 12)) << 32 | u64::from(word(block, 16));
                prop_assert_eq!(stamp, *time as u64);
                prop_assert_eq!(word(block, 20) as usize, bytes.len());
                prop_assert_eq!(word(block, 24), bytes.len() as u32 + extra);
                prop_assert_eq!(&block[28..28 + bytes.len()], &bytes[..]);
            }
        }

        #[test]
        fn pcap_length_is_header_plus_records(
            frames in prop::collection::vec((0i64..4_000_000_000_000_000_000, prop::collection::vec(any::<u8>(), 0..300)), 0..8),
        ) {
            let mut writer = PcapWriter::new(Vec::new(), LinkType::ETHERNET).unwrap();
            for (time, bytes) in &frames {
                writer.write(*time, bytes, bytes.len() as u32).unwrap();
            }
            let file = writer.finish().unwrap();
            let records: usize = frames.iter().map(|(_, bytes)| 16 + bytes.len()).sum();
            prop_assert_eq!(file.len(), 24 + records);
            let mut at = 24;
            for (time, bytes) in &frames {
                prop_assert_eq!(i64::from(word(&file, at)) * 1_000_000_000 + i64::from(word(&file, at + 4)), *time);
                prop_assert_eq!(&file[at + 16..at + 16 + bytes.len()], &bytes[..]);
                at += 16 + bytes.len();
            }
        }
    }

    #[test]
    fn a_time_before_1970_is_refused() {
        let mut writer = PcapngWriter::new(Vec::new(), LinkType::ETHERNET).unwrap();
        let error = writer.write(-1, &[], 0).unwrap_err();
        assert_eq!(error.to_string(), "time -1 ns is before 1970");
    }

    #[test]
    fn a_frame_above_the_snaplen_is_refused() {
        let mut writer = PcapWriter::new(Vec::new(), LinkType::ETHERNET).unwrap();
        let error = writer.write(0, &vec![0; 262_145], 0).unwrap_err();
        assert_eq!(error.to_string(), "frame of 262145 bytes is above the limit of 262144");
    }
}
