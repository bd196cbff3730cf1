//! Parquet tables, through Arrow.

use super::features::{CaptureKey, ID_COLUMNS, visible};
use super::{Building, Column, Table};
use crate::Error;
use crate::whole_file::WholeFile;
use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Builder, Int32Array, Int64Array, RecordBatch,
    StringArray, UInt32Array, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Schema};
use overhear_traffic::feature::{FEATURES, values};
use overhear_traffic::observer::Observer;
use overhear_traffic::window::{Window, Windowing};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows that are gathered before they become a part of the file.
const BATCH_ROWS: usize = 64 * 1024;

fn failed(path: &Path) -> impl FnOnce(ParquetError) -> Error {
    move |e| Error::Table { table: path.display().to_string(), what: e.to_string() }
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
    Ok(Table { name: path.display().to_string(), n_rows, columns })
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
#[derive(Default)]
struct Batch {
    windowing: Vec<i32>,
    window: Vec<u64>,
    start_ns: Vec<i64>,
    features: Vec<Float64Builder>,
}

impl Writer {
    pub(super) fn create(path: &Path, observer: Observer) -> Result<Writer, Error> {
        let features = visible(observer);
        let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let types = [text(), text(), DataType::UInt32, text(), DataType::UInt64, DataType::Int64];
        let ids = ID_COLUMNS.iter().zip(types).map(|(name, kind)| Field::new(*name, kind, true));
        let floats = features.iter().map(|&i| Field::new(FEATURES[i].name, DataType::Float64, true));
        let schema = Arc::new(Schema::new(ids.chain(floats).collect::<Vec<_>>()));
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let out = ArrowWriter::try_new(WholeFile::create(path)?, Arc::clone(&schema), Some(properties))
            .map_err(failed(path))?;
        let batch = Batch::new(features.len());
        Ok(Writer { out, schema, features, key: CaptureKey::default(), windowings: Vec::new(), batch })
    }

    pub(super) fn begin(&mut self, key: &CaptureKey, windowings: &[Windowing]) -> Result<(), Error> {
        self.flush()?;
        self.key = key.clone();
        self.windowings = windowings.iter().map(ToString::to_string).collect();
        Ok(())
    }

    #[inline]
    pub(super) fn row(&mut self, windowing: usize, window: &Window) -> Result<(), Error> {
        self.batch.windowing.push(windowing as i32);
        self.batch.window.push(window.index);
        self.batch.start_ns.push(window.start_ns);
        let values = values(&window.sums);
        for (column, &feature) in self.batch.features.iter_mut().zip(&self.features) {
            column.append_option(values[feature]);
        }
        if self.batch.window.len() == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let n = self.batch.window.len();
        if n == 0 {
            return Ok(());
        }
        let batch = std::mem::replace(&mut self.batch, Batch::new(self.features.len()));
        let windowings: Vec<&str> = self.windowings.iter().map(String::as_str).collect();
        let mut columns: Vec<ArrayRef> = vec![
            dictionary(Int32Array::from(vec![0; n]), &[&self.key.capture])?,
            match &self.key.condition {
                Some(condition) => dictionary(Int32Array::from(vec![0; n]), &[condition])?,
                None => dictionary(Int32Array::new_null(n), &[""])?,
            },
            Arc::new(UInt32Array::from(vec![self.key.unit; n])),
            dictionary(Int32Array::from(batch.windowing), &windowings)?,
            Arc::new(UInt64Array::from(batch.window)),
            Arc::new(Int64Array::from(batch.start_ns)),
        ];
        columns.extend(batch.features.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef));
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|e| failed(Path::new("output"))(e.into()))?;
        self.out.write(&rows).map_err(failed(Path::new("output")))
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        self.out.into_inner().map_err(failed(Path::new("output")))?.finish()
    }
}

impl Batch {
    fn new(n_features: usize) -> Batch {
        let features = (0..n_features).map(|_| Float64Builder::with_capacity(BATCH_ROWS)).collect();
        Batch { features, ..Batch::default() }
    }
}

/// Text that repeats, as keys into its few values.
fn dictionary(keys: Int32Array, texts: &[&str]) -> Result<ArrayRef, Error> {
    let values = Arc::new(StringArray::from(texts.to_vec()));
    let array = DictionaryArray::<Int32Type>::try_new(keys, values);
    Ok(Arc::new(array.map_err(|e| failed(Path::new("output"))(e.into()))?))
}
