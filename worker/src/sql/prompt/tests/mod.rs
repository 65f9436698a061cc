mod answers;
mod memory;
mod refused;
mod world;
