//! Rows that a thread reads, as the bottom of a plan.

use super::super::{failure::through_engine, operators::properties};
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use datafusion_common::{Result, tree_node::TreeNodeRecursion};
use datafusion_execution::{SendableRecordBatchStream, TaskContext};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
    stream::RecordBatchStreamAdapter,
};
use futures::{TryStreamExt, stream};
use segmenter_proto::Error;
use std::{fmt, sync::Arc, thread};
use tokio::sync::mpsc::{Receiver, channel};

/// Batches that are read before they are asked for.
const AHEAD: usize = 2;

/// Reads rows and hands them on, until they end or nobody takes them any more.
pub(super) trait Read: fmt::Debug + Send + Sync {
    /// Gives every batch to `take`, which says whether more is wanted.
    fn read(&self, take: &mut dyn FnMut(RecordBatch) -> bool) -> segmenter_proto::Result<()>;
}

/// Rows of a reader, which begins when the first of them are asked for.
#[derive(Debug)]
pub(super) struct Streamed {
    reader: Arc<dyn Read>,
    properties: Arc<PlanProperties>,
}

enum Message {
    Rows(RecordBatch),
    Failed(Error),
    /// All rows were handed on: a thread that is gone without this word was lost.
    Done,
}

impl Streamed {
    pub(super) fn new(schema: SchemaRef, reader: Arc<dyn Read>) -> Self {
        Self { reader, properties: properties(schema) }
    }
}

fn start(reader: Arc<dyn Read>) -> Result<Receiver<Message>> {
    let (sender, receiver) = channel(AHEAD);
    let work = move || {
        let read = reader.read(&mut |rows| sender.blocking_send(Message::Rows(rows)).is_ok());
        // Nobody may be left to hear it.
        let _ = sender.blocking_send(match read {
            Ok(()) => Message::Done,
            Err(error) => Message::Failed(error),
        });
    };
    let started = thread::Builder::new().name("segmenter-read".to_owned()).spawn(work);
    started.map_err(|error| through_engine(Error::resources("no thread to read a table").caused_by(error)))?;
    Ok(receiver)
}

async fn next(mut receiver: Receiver<Message>) -> Result<Option<(RecordBatch, Receiver<Message>)>> {
    match receiver.recv().await {
        Some(Message::Rows(rows)) => Ok(Some((rows, receiver))),
        Some(Message::Done) => Ok(None),
        Some(Message::Failed(error)) => Err(through_engine(error)),
        None => Err(through_engine(Error::bug("a reader was lost"))),
    }
}

impl DisplayAs for Streamed {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Streamed")
    }
}

impl ExecutionPlan for Streamed {
    fn name(&self) -> &'static str {
        "Streamed"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let reader = Arc::clone(&self.reader);
        let rows = stream::once(async move { start(reader) }).map_ok(|receiver| stream::try_unfold(receiver, next));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows.try_flatten())))
    }
}
