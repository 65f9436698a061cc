//! Aggregates that need all values of a group at once.

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array, new_empty_array};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_datafusion_err, internal_datafusion_err, internal_err};
use datafusion_expr::{EmitTo, GroupsAccumulator};

use super::answer::{Answer, at};
use super::lists::{lists, opened};
use super::rows::{Rows, states_of_rows};
use crate::expression::{Kernel, aggregate_kernels as kernels};

/// The values of all groups as they came; a kernel looks at those of one group after the other. The state is a list of
/// values for each argument.
#[derive(Debug)]
pub(super) struct Values {
    kernel: Kernel,
    arguments: Vec<DataType>,
    answer: Answer,
    group_count: usize,
    /// The group of each row.
    groups: Vec<u32>,
    /// For each argument pieces of its column.
    pieces: Vec<Vec<ArrayRef>>,
    /// Bytes of the pieces.
    held_bytes: usize,
}

/// Rows taken out of the others.
struct Taken {
    group_count: usize,
    groups: Vec<u32>,
    columns: Vec<ArrayRef>,
}

impl Values {
    pub(super) fn new(kernel: Kernel, arguments: Vec<DataType>, answer: Answer) -> Self {
        let pieces = vec![Vec::new(); arguments.len()];
        Self { kernel, arguments, answer, group_count: 0, groups: Vec::new(), pieces, held_bytes: 0 }
    }

    fn reach(&mut self, group_count: usize) -> Result<()> {
        u32::try_from(group_count).map_err(|_| exec_datafusion_err!("an aggregate has too many groups"))?;
        self.group_count = self.group_count.max(group_count);
        Ok(())
    }

    /// Copies rows of the columns, so that nothing else is held with them.
    fn add<'a>(&mut self, columns: impl Iterator<Item = &'a ArrayRef>, rows: Vec<u32>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = UInt32Array::from(rows);
        for (pieces, column) in self.pieces.iter_mut().zip(columns) {
            let piece = take(column, &rows, None)?;
            self.held_bytes += piece.get_array_memory_size();
            pieces.push(piece);
        }
        Ok(())
    }

    /// Takes the rows of the first groups out, and counts the other groups from 0 on.
    fn take(&mut self, emit_to: EmitTo) -> Result<Taken> {
        let whole = |(pieces, data_type): (Vec<ArrayRef>, &DataType)| match pieces.as_slice() {
            [] => Ok(new_empty_array(data_type)),
            pieces => Ok(concat(&pieces.iter().map(AsRef::as_ref).collect::<Vec<_>>())?),
        };
        let pieces = self.pieces.iter_mut().map(std::mem::take);
        let columns = pieces.zip(&self.arguments).map(whole).collect::<Result<Vec<_>>>()?;
        let groups = std::mem::take(&mut self.groups);
        self.held_bytes = 0;
        let EmitTo::First(first) = emit_to else {
            return Ok(Taken { group_count: std::mem::take(&mut self.group_count), groups, columns });
        };
        u32::try_from(groups.len()).map_err(|_| exec_datafusion_err!("an aggregate has too many values"))?;
        let (taken, left): (Vec<u32>, Vec<u32>) =
            (0..groups.len() as u32).partition(|row| (groups[*row as usize] as usize) < first);
        self.group_count -= first;
        self.groups.extend(left.iter().map(|row| groups[*row as usize] - first as u32));
        self.add(columns.iter(), left)?;
        let taken_groups = taken.iter().map(|row| groups[*row as usize]).collect();
        let rows = UInt32Array::from(taken);
        let columns = columns.iter().map(|column| Ok(take(column, &rows, None)?)).collect::<Result<_>>()?;
        Ok(Taken { group_count: first, groups: taken_groups, columns })
    }
}

impl Taken {
    fn sorted(&self) -> Result<kernels::Groups> {
        let sorted = kernels::Groups::new(&self.groups, self.group_count, None);
        sorted.ok_or_else(|| internal_datafusion_err!("the groups of an aggregate do not fit its values"))
    }
}

impl GroupsAccumulator for Values {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        self.reach(group_count)?;
        if !values.iter().map(|values| values.data_type()).eq(&self.arguments) {
            return internal_err!("an aggregate has other arguments than it was made for");
        }
        let mut rows = Vec::with_capacity(groups.len());
        Rows::of(values, filter).for_each(|row| {
            rows.push(row as u32);
            self.groups.push(groups[row] as u32);
        });
        self.add(values.iter(), rows)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let taken = self.take(emit_to)?;
        let (sorted, columns) = (taken.sorted()?, &taken.columns);
        let x = at(columns, 0)?;
        let y = columns.get(1);
        let all = |_: usize| true;
        let kernel = self.kernel;
        self.answer.of(taken.group_count, |lost| match (kernel, y) {
            (Kernel::Median, _) => kernels::median(&sorted, x, all, lost),
            (Kernel::Quantile(share), _) => kernels::quantile(&sorted, x, share, all, lost),
            (Kernel::Spread { of_sample, is_root }, _) => {
                Ok(kernels::spread(&sorted, x, all, of_sample, is_root, lost))
            }
            (Kernel::Mode, _) => kernels::mode(&sorted, x, all),
            (Kernel::Skewness, _) => Ok(kernels::skewness(&sorted, x, all, lost)),
            (Kernel::Correlation, Some(y)) => Ok(kernels::corr(&sorted, x, y, all, lost)),
            (other, _) => Err(segmenter_proto::Error::bug(format!("{other:?} does not need all values"))),
        })
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let taken = self.take(emit_to)?;
        let sorted = taken.sorted()?;
        let rows: UInt32Array = sorted.iter().flatten().copied().collect::<Vec<_>>().into();
        let columns = taken.columns.iter();
        columns.map(|column| lists(sorted.iter().map(<[u32]>::len), take(column, &rows, None)?)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.reach(group_count)?;
        let mut rows = Vec::new();
        let (ranges, _) = opened(at(states, 0)?);
        for (group, range) in groups.iter().zip(ranges) {
            self.groups.extend(std::iter::repeat_n(*group as u32, range.len()));
            rows.extend(range.map(|row| row as u32));
        }
        // The lists of all arguments have the same lengths, and so their values the same places.
        self.add(states.iter().map(|state| opened(state).1), rows)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.kernel, self.arguments.clone(), self.answer.clone()), values, filter)
    }

    /// The values twice: an answer and a state are made of a copy.
    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<u32>() + 2 * self.held_bytes
    }
}
