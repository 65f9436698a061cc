//! Files of one folder of an export, each within the limits.

use super::{form::Form, manifest::DeliveredFile, merged::Row};
use arrow::{array::RecordBatch, compute::interleave, datatypes::SchemaRef};
use segmenter_proto::{
    Error, Result,
    jobs::{Delivery, ExportFormat},
};
use segmenter_worker::{
    results::PartWriter,
    storage::{BlockingWriter, Folder},
};
use sha2::{Digest, Sha256};
use std::{fmt::Write as _, io::Write as _, sync::Arc};
use tokio::runtime::Handle;

/// Rows of Parquet that are put together at a time.
const ROWS: usize = 8192;

/// Where files are written, and how.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) folder: Folder,
    pub(super) runtime: Handle,
    pub(super) delivery: Delivery,
    pub(super) schema: SchemaRef,
    pub(super) form: Arc<Form>,
}

/// The files of a folder; there is always one.
#[derive(Debug)]
pub(super) struct Files {
    place: Place,
    name: &'static str,
    open: Open,
    done: Vec<DeliveredFile>,
}

#[derive(Debug)]
enum Open {
    Text(Box<TextFile>),
    Parquet(Box<ParquetFile>),
}

impl Files {
    pub(super) fn new(place: &Place, name: &'static str) -> Result<Self> {
        let open = Open::new(place, &path(place, name, 1))?;
        Ok(Self { place: place.clone(), name, open, done: Vec::new() })
    }

    pub(super) fn put(&mut self, row: &Row) -> Result<()> {
        let Delivery { max_rows, max_bytes, .. } = self.place.delivery;
        let (rows, bytes) = self.open.size();
        let head = self.place.form.head.len() as u64;
        let line = row.line().len() as u64;
        if let Some(most) = max_bytes.filter(|most| head + line > *most) {
            return Err(Error::data(format!("a row of {}/ has {line} bytes, and a file may have {most}", self.name))
                .with_hint("leave out the column that is so long, or raise `max_bytes` of the export"));
        }
        let is_full =
            max_rows.is_some_and(|most| rows >= most) || max_bytes.is_some_and(|most| rows > 0 && bytes + line > most);
        if is_full {
            let next = Open::new(&self.place, &path(&self.place, self.name, self.done.len() + 2))?;
            let full = std::mem::replace(&mut self.open, next);
            self.done.push(full.finish(&self.place)?);
        }
        match &mut self.open {
            Open::Text(file) => file.put(row.line().as_bytes(), 1),
            Open::Parquet(file) => file.put(row, &self.place),
        }
    }

    pub(super) fn finish(mut self) -> Result<Vec<DeliveredFile>> {
        self.done.push(self.open.finish(&self.place)?);
        Ok(self.done)
    }
}

fn path(place: &Place, name: &str, number: usize) -> String {
    format!("{name}/part-{number:05}.{}", place.delivery.format.name())
}

impl Open {
    fn new(place: &Place, path: &str) -> Result<Self> {
        let writer = place.folder.blocking_writer(path, &place.runtime)?;
        let mut file = TextFile { path: path.to_owned(), writer, digest: Sha256::new(), rows: 0, bytes: 0 };
        Ok(match place.delivery.format {
            ExportFormat::Csv | ExportFormat::Ndjson => {
                file.put(place.form.head.as_bytes(), 0)?;
                Self::Text(Box::new(file))
            }
            ExportFormat::Parquet => {
                let writer = PartWriter::new(Arc::clone(&place.schema))?;
                Self::Parquet(Box::new(ParquetFile { file, writer, waiting: Vec::new() }))
            }
        })
    }

    fn size(&self) -> (u64, u64) {
        match self {
            Self::Text(file) => (file.rows, file.bytes),
            Self::Parquet(parquet) => (parquet.file.rows, parquet.file.bytes),
        }
    }

    fn finish(self, place: &Place) -> Result<DeliveredFile> {
        match self {
            Self::Text(file) => file.finish(),
            Self::Parquet(file) => file.finish(place),
        }
    }
}

/// A file that grows by bytes.
#[derive(Debug)]
struct TextFile {
    path: String,
    writer: BlockingWriter,
    digest: Sha256,
    rows: u64,
    bytes: u64,
}

impl TextFile {
    fn put(&mut self, bytes: &[u8], rows: u64) -> Result<()> {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        self.rows += rows;
        // The writer's own error stands within, and says which object it is about.
        self.writer.write_all(bytes).map_err(|error| match error.downcast::<Error>() {
            Ok(own) => own,
            Err(other) => Error::dependency(format!("{} could not be written", self.path)).caused_by(other),
        })
    }

    fn finish(self) -> Result<DeliveredFile> {
        self.writer.finish()?;
        let sha256 = self.digest.finalize().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Ok(DeliveredFile { path: self.path, rows: self.rows, bytes: self.bytes, sha256 })
    }
}

/// A file of Parquet.
#[derive(Debug)]
struct ParquetFile {
    file: TextFile,
    writer: PartWriter,
    waiting: Vec<Row>,
}

impl ParquetFile {
    fn put(&mut self, row: &Row, place: &Place) -> Result<()> {
        self.waiting.push(row.clone());
        self.file.rows += 1;
        if self.waiting.len() >= ROWS { self.encode(place) } else { Ok(()) }
    }

    fn encode(&mut self, place: &Place) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let unfit = |error| Error::bug("rows of an export do not join").caused_by(error);
        let places: Vec<(usize, usize)> = waiting.iter().enumerate().map(|(number, row)| (number, row.at)).collect();
        let column = |column: usize| {
            let of_rows: Vec<_> = waiting.iter().map(|row| row.block.rows.column(column).as_ref()).collect();
            interleave(&of_rows, &places)
        };
        let columns = (0..place.schema.fields().len()).map(column).collect::<std::result::Result<Vec<_>, _>>();
        let rows = RecordBatch::try_new(Arc::clone(&place.schema), columns.map_err(unfit)?).map_err(unfit)?;
        self.writer.write(&rows)?;
        match self.writer.take_chunk() {
            Some(chunk) => self.file.put(&chunk, 0),
            None => Ok(()),
        }
    }

    fn finish(mut self, place: &Place) -> Result<DeliveredFile> {
        if !self.waiting.is_empty() {
            self.encode(place)?;
        }
        let tail = self.writer.finish()?.tail;
        self.file.put(&tail, 0)?;
        self.file.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Block;
    use super::*;
    use crate::tools::ALL;
    use arrow::{
        array::{RecordBatchOptions, StringArray},
        datatypes::Schema,
    };
    use segmenter_worker::storage::Storage;

    /// What files of so many rows of these bytes came to, in a folder of their own, with the whole of what they hold.
    fn written(delivery: &Delivery, rows: usize, bytes: usize) -> (Vec<DeliveredFile>, Vec<(u64, u64)>) {
        let directory = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = Storage::with_environment([]).open(directory.path().to_str().unwrap()).unwrap();
        let schema = Arc::new(Schema::empty());
        let head = "key,much\n".to_owned();
        let mut form = Form::of(delivery, &schema);
        form.head.clone_from(&head);
        let place = Place {
            folder: folder.unsynced(),
            runtime: runtime.handle().clone(),
            delivery: delivery.clone(),
            schema: Arc::clone(&schema),
            form: Arc::new(form),
        };
        let mut files = Files::new(&place, "full").unwrap();
        for first in (0..rows).step_by(ROWS) {
            let many = ROWS.min(rows - first);
            let lines = (first..first + many).map(|row| format!("{row:09},{}\n", "x".repeat(bytes - 11))).collect();
            let options = RecordBatchOptions::new().with_row_count(Some(many));
            let (keys, owners) = (StringArray::from(vec![""; many]), StringArray::from(vec![""; many]));
            let of_rows = RecordBatch::try_new_with_options(Arc::clone(&schema), Vec::new(), &options).unwrap();
            let block = Arc::new(Block { keys, owners, rows: of_rows, lines });
            (0..many).for_each(|at| files.put(&Row { block: Arc::clone(&block), at }).unwrap());
        }
        let files = files.finish().unwrap();
        let mut next = 0;
        let found = files.iter().map(|file| {
            let text = std::fs::read_to_string(directory.path().join(&file.path)).unwrap();
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some(head.trim_end()), "each file has its header");
            let mut rows = 0;
            for line in lines {
                assert_eq!(line[..9].parse(), Ok(next), "every row once, in its order");
                next += 1;
                rows += 1;
            }
            (rows, text.len() as u64)
        });
        let found: Vec<(u64, u64)> = found.collect();
        assert_eq!(next, rows);
        (files, found)
    }

    #[test]
    fn files_of_each_tool_stay_within_its_limits_however_long_a_list_is() {
        const ROWS_OF_A_LIST: usize = 1_200_000;
        for tool in ALL {
            let (max_rows, max_bytes) = (tool.max_rows.map(|limit| limit.most), tool.max_bytes.map(|limit| limit.most));
            let delivery = Delivery { max_rows, max_bytes, tool: Some(tool.name.to_owned()), ..Delivery::default() };
            // As long as it takes to come to the limit, and else as hashes are.
            let bytes = if max_bytes.is_some() { 430 } else { 70 };
            let (files, found) = written(&delivery, ROWS_OF_A_LIST, bytes);
            for ((rows, bytes), file) in found.iter().zip(&files) {
                assert_eq!((file.rows, file.bytes), (*rows, *bytes), "{}: {}", tool.name, file.path);
                assert!(max_rows.is_none_or(|most| *rows <= most), "{}: {} rows", tool.name, rows);
                assert!(max_bytes.is_none_or(|most| *bytes <= most), "{}: {} bytes", tool.name, bytes);
            }
            let least = match (max_rows, max_bytes) {
                (Some(rows), _) => (ROWS_OF_A_LIST as u64).div_ceil(rows),
                (None, Some(most)) => ((ROWS_OF_A_LIST * bytes) as u64).div_ceil(most),
                (None, None) => 1,
            };
            assert_eq!(files.len() as u64, least, "{}: as few files as can be", tool.name);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn files_are_as_full_as_limits_let_them(rows in 0_usize..500, bytes in 11_usize..90, most_rows in 1_u64..60, most in 100_u64..2000) {
            for (max_rows, max_bytes) in [(Some(most_rows), None), (None, Some(most)), (Some(most_rows), Some(most))] {
                let delivery = Delivery { max_rows, max_bytes, ..Delivery::default() };
                let (_, found) = written(&delivery, rows, bytes);
                for (at, (rows, size)) in found.iter().enumerate() {
                    let fits = max_rows.is_none_or(|most| *rows <= most) && max_bytes.is_none_or(|most| *size <= most);
                    let is_full = max_rows == Some(*rows) || max_bytes.is_some_and(|most| size + bytes as u64 > most);
                    proptest::prop_assert!(fits && (is_full || at + 1 == found.len()), "file {}: {} rows, {} bytes", at, rows, size);
                }
            }
        }
    }
}
