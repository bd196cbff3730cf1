//! Parquet tables, through Arrow.

pub(super) mod packets;

use super::columns::Cells;
use super::layout::{CONDITION, CaptureKey, ID_COLUMNS, START_NS, UNIT, WINDOW};
use super::{Building, Column, Table, TableFault};
use crate::Error;
use crate::whole_file::WholeFile;
use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, UInt32Array, UInt64Array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Schema};
use overhear_traffic::feature::{Columns, FEATURES, FeatureSet};
use overhear_traffic::observer::Observer;
use overhear_traffic::window::{Window, Windowing};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows that are gathered before they become a part of the file.
const BATCH_ROWS: usize = 8 * 1024;

/// Rows of one part of the file; all of it is in memory until it is written.
const GROUP_ROWS: usize = 2 * BATCH_ROWS;

fn failed(path: &Path) -> impl FnOnce(ParquetError) -> Error {
    move |e| Error::Table {
        table: path.display().to_string(),
        fault: TableFault::Format { what: e.to_string() },
    }
}

/// Reads a Parquet file column by column; what casts to a float is numbers, the rest is text.
pub(super) fn read(path: &Path, as_text: &[&str]) -> Result<Table, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed(path))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut columns: Vec<Building> =
        names.iter().map(|name| Building::new(as_text.contains(&name.as_str()))).collect();
    let mut n_rows = 0;
    for batch in builder.build().map_err(failed(path))? {
        let batch = batch.map_err(|e| failed(path)(e.into()))?;
        for (column, cells) in columns.iter_mut().zip(batch.columns()) {
            push(column, cells, n_rows).map_err(|e| failed(path)(e.into()))?;
        }
        n_rows += batch.num_rows();
    }
    let columns: Vec<(String, Column)> =
        names.into_iter().zip(columns.into_iter().map(Building::finish)).collect();
    let name = path.display().to_string();
    Ok(Table { name, n_rows, columns, notes: Vec::new(), left_out: Vec::new() })
}

/// Adds the cells of one batch.
fn push(column: &mut Building, cells: &ArrayRef, n_rows: usize) -> Result<(), arrow::error::ArrowError> {
    let numeric = cells.data_type().is_numeric() || *cells.data_type() == DataType::Boolean;
    if let (Building::Numbers { values, spoilt: None }, true) = (&mut *column, numeric) {
        let floats = cast(cells, &DataType::Float64)?;
        values.extend(floats.as_primitive::<Float64Type>().iter().map(|v| v.filter(|v| !v.is_nan())));
        return Ok(());
    }
    let texts = cast(cells, &DataType::Utf8)?;
    for (row, text) in texts.as_string::<i32>().iter().enumerate() {
        column.push(text.unwrap_or(""), n_rows + row + 1);
    }
    Ok(())
}

/// Lets the allocator keep what a part of the file took for the next part.
///
/// glibc gives memory back to the system where much is freed at once, and asks for it anew, page by page; once a
/// large piece was freed it keeps up to twice as much. To other allocators this is a piece like any other. It is
/// never touched, so it takes no memory. Writing takes 0.8 times as long.
fn keep_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(16 << 20)));
}

/// A feature table being written.
pub struct Writer {
    out: ArrowWriter<WholeFile>,
    schema: Arc<Schema>,
    features: Vec<usize>,
    key: CaptureKey,
    windowings: Vec<String>,
    batch: Batch,
}

/// Rows of one capture, gathered.
struct Batch {
    windowing: Vec<i32>,
    columns: Columns,
}

impl Writer {
    pub(super) fn create(path: &Path, set: FeatureSet, observer: Observer) -> Result<Writer, Error> {
        keep_memory();
        let features = set.seen_by(observer);
        let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let types = [text(), text(), DataType::UInt32, text(), DataType::UInt64, DataType::Int64];
        let ids = ID_COLUMNS
            .iter()
            .zip(types)
            .map(|(name, kind)| Field::new(*name, kind, [CONDITION, UNIT].contains(name)));
        let floats = features
            .iter()
            .map(|&i| &FEATURES[i])
            .map(|f| Field::new(f.name, DataType::Float64, !f.always_defined));
        let schema = Arc::new(Schema::new(ids.chain(floats).collect::<Vec<_>>()));
        // smallest and largest of a page help nobody who reads whole columns, and cost a comparison of texts a row
        let mut properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_statistics_enabled(EnabledStatistics::None);
        for number in [UNIT, WINDOW, START_NS].into_iter().chain(features.iter().map(|&i| FEATURES[i].name)) {
            properties = properties.set_column_dictionary_enabled(number.into(), false);
        }
        let properties = properties.build();
        let out = ArrowWriter::try_new(WholeFile::create(path)?, Arc::clone(&schema), Some(properties))
            .map_err(failed(path))?;
        let batch = Batch { windowing: Vec::new(), columns: Columns::of(set) };
        let (key, windowings) = (CaptureKey::default(), Vec::new());
        Ok(Writer { out, schema, features, key, windowings, batch })
    }

    pub(super) fn begin(&mut self, key: &CaptureKey, windowings: &[Windowing]) -> Result<(), Error> {
        self.flush()?;
        self.key = key.clone();
        self.windowings = windowings.iter().map(ToString::to_string).collect();
        Ok(())
    }

    #[inline]
    pub(super) fn row(&mut self, windowing: usize, window: &Window<'_>) -> Result<(), Error> {
        self.batch.windowing.push(windowing as i32);
        self.batch.columns.push(window);
        if self.batch.windowing.len() == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let Batch { windowing, columns: windows } = &mut self.batch;
        let n = windowing.len();
        if n == 0 {
            return Ok(());
        }
        let windowings: Vec<&str> = self.windowings.iter().map(String::as_str).collect();
        let mut columns: Vec<ArrayRef> = vec![
            dictionary(Int32Array::from(vec![0; n]), &[&self.key.capture])?,
            match &self.key.condition {
                Some(condition) => dictionary(Int32Array::from(vec![0; n]), &[condition])?,
                None => dictionary(Int32Array::new_null(n), &[""])?,
            },
            Arc::new(UInt32Array::from(vec![self.key.unit; n])),
            dictionary(Int32Array::from(std::mem::take(windowing)), &windowings)?,
            Arc::new(UInt64Array::from(windows.index().to_vec())),
            Arc::new(Int64Array::from(windows.start_ns().to_vec())),
        ];
        columns.extend(self.features.iter().map(|&feature| {
            let values = windows.values(feature);
            let undefined = values.iter().any(|value| value.is_nan());
            let defined = || BooleanBuffer::collect_bool(n, |row| !values[row].is_nan());
            let nulls = undefined.then(|| NullBuffer::new(defined()));
            Arc::new(Float64Array::new(values.to_vec().into(), nulls)) as ArrayRef
        }));
        windows.clear();
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|e| failed(Path::new("output"))(e.into()))?;
        self.out.write(&rows).map_err(failed(Path::new("output")))
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        self.out.into_inner().map_err(failed(Path::new("output")))?.finish()
    }
}

/// Text that repeats, as keys into its few values.
fn dictionary(keys: Int32Array, texts: &[&str]) -> Result<ArrayRef, Error> {
    let values = Arc::new(StringArray::from(texts.to_vec()));
    let array = DictionaryArray::<Int32Type>::try_new(keys, values);
    Ok(Arc::new(array.map_err(|e| failed(Path::new("output"))(e.into()))?))
}

/// Writes columns of equal length as one part of a file.
pub(super) fn write_columns(columns: &[(String, Cells)], path: &Path) -> Result<(), Error> {
    let array = |cells: &Cells| -> ArrayRef {
        match cells {
            Cells::Text(cells) => Arc::new(StringArray::from(cells.clone())),
            Cells::Whole(cells) => Arc::new(Int64Array::from(cells.clone())),
            Cells::Numbers(cells) => Arc::new(Float64Array::from_iter(
                cells.iter().map(|&cell| Some(cell).filter(|cell| !cell.is_nan())),
            )),
        }
    };
    let arrays: Vec<ArrayRef> = columns.iter().map(|(_, cells)| array(cells)).collect();
    let fields = columns.iter().zip(&arrays);
    let fields = fields.map(|((name, _), array)| Field::new(name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let rows = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|e| failed(path)(e.into()))?;
    let mut out = ArrowWriter::try_new(WholeFile::create(path)?, schema, None).map_err(failed(path))?;
    out.write(&rows).map_err(failed(path))?;
    out.into_inner().map_err(failed(path))?.finish()
}
