//! Packet tables in Parquet: read as the CSV they stand for, so that there is one reader of rows and one set of messages.

use super::failed;
use crate::Error;
use crate::table::lines::quoted;
use crate::table::packets::{COLUMNS, KEY_COLUMNS, PacketRow};
use crate::whole_file::WholeFile;
use arrow::array::{ArrayRef, AsArray, Decimal128Array, Int8Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::packet::Direction;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// Rows that are read or written at once.
const BATCH_ROWS: usize = 16 * 1024;

/// Opens a packet table; line 1 in messages is the header, line 2 the first row.
pub fn open(path: &Path) -> Result<CaptureReader, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed(path))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| quoted(field.name())).collect();
    let text = (names.join(",") + "\n").into_bytes();
    let batches = builder.with_batch_size(BATCH_ROWS).build().map_err(failed(path))?;
    Ok(CaptureReader::from_stream(path.display().to_string(), AsCsv { batches, text, at: 0 })?)
}

/// A Parquet table as the bytes of the same table in CSV.
struct AsCsv {
    batches: ParquetRecordBatchReader,
    text: Vec<u8>,
    /// How much of the text was read.
    at: usize,
}

impl Read for AsCsv {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            let Some(batch) = self.batches.next() else { return Ok(0) };
            self.text.clear();
            self.at = 0;
            // of a kind that is not taken for damage of a compressed stream
            let unreadable = |e: ArrowError| io::Error::new(io::ErrorKind::Unsupported, e.to_string());
            batch.and_then(|batch| rows(&batch, &mut self.text)).map_err(unreadable)?;
        }
        let n = out.len().min(self.text.len() - self.at);
        out[..n].copy_from_slice(&self.text[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

fn rows(batch: &RecordBatch, text: &mut Vec<u8>) -> Result<(), ArrowError> {
    let columns: Vec<ArrayRef> =
        batch.columns().iter().map(|column| cast(column, &DataType::Utf8)).collect::<Result<_, _>>()?;
    let columns: Vec<&StringArray> = columns.iter().map(|column| column.as_string()).collect();
    for row in 0..batch.num_rows() {
        for (place, column) in columns.iter().enumerate() {
            text.extend_from_slice(if place > 0 { b"," } else { b"" });
            if arrow::array::Array::is_valid(column, row) {
                text.extend_from_slice(quoted(column.value(row)).as_bytes());
            }
        }
        text.push(b'\n');
    }
    Ok(())
}

/// A packet table being written. Times are decimal numbers, exact to the nanosecond.
pub struct Writer {
    out: ArrowWriter<WholeFile>,
    schema: Arc<Schema>,
    keyed: bool,
    trace: (String, u32),
    batch: Batch,
}

/// Rows, gathered.
#[derive(Default)]
struct Batch {
    capture: Vec<String>,
    stretch: Vec<u32>,
    time_ns: Vec<i128>,
    size_bytes: Vec<u32>,
    direction: Vec<i8>,
}

/// Digits of a time: all of an `i64`, nine of them behind the point.
const TIME: (u8, i8) = (19, 9);

impl Writer {
    pub fn create(path: &Path, keyed: bool) -> Result<Writer, Error> {
        let keys = KEY_COLUMNS.into_iter().zip([DataType::Utf8, DataType::UInt32]).filter(|_| keyed);
        let kinds = [DataType::Decimal128(TIME.0, TIME.1), DataType::UInt32, DataType::Int8];
        let columns = keys.chain(COLUMNS.into_iter().zip(kinds));
        let fields: Vec<Field> = columns.map(|(name, kind)| Field::new(name, kind, false)).collect();
        let schema = Arc::new(Schema::new(fields));
        let out = ArrowWriter::try_new(WholeFile::create(path)?, Arc::clone(&schema), None);
        let (trace, batch) = (Default::default(), Batch::default());
        Ok(Writer { out: out.map_err(failed(path))?, schema, keyed, trace, batch })
    }

    pub fn begin(&mut self, capture: &str, stretch: u32) {
        self.trace = (capture.to_owned(), stretch);
    }

    pub fn row(&mut self, row: PacketRow) -> Result<(), Error> {
        let batch = &mut self.batch;
        if self.keyed {
            batch.capture.push(self.trace.0.clone());
            batch.stretch.push(self.trace.1);
        }
        batch.time_ns.push(i128::from(row.time_ns));
        batch.size_bytes.push(row.size_bytes);
        batch.direction.push(match row.direction {
            Direction::Out => 1,
            Direction::In => -1,
        });
        if batch.time_ns.len() == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let written = std::mem::take(&mut self.batch).into_rows(&self.schema, self.keyed);
        let written = written.map_err(Into::into).and_then(|rows| self.out.write(&rows));
        written.map_err(failed(Path::new("output")))
    }

    pub fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        self.out.into_inner().map_err(failed(Path::new("output")))?.finish()
    }
}

impl Batch {
    fn into_rows(self, schema: &Arc<Schema>, keyed: bool) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        if keyed {
            columns.push(Arc::new(StringArray::from(self.capture)));
            columns.push(Arc::new(UInt32Array::from(self.stretch)));
        }
        let times = Decimal128Array::from(self.time_ns).with_precision_and_scale(TIME.0, TIME.1)?;
        columns.push(Arc::new(times));
        columns.push(Arc::new(UInt32Array::from(self.size_bytes)));
        columns.push(Arc::new(Int8Array::from(self.direction)));
        RecordBatch::try_new(Arc::clone(schema), columns)
    }
}
