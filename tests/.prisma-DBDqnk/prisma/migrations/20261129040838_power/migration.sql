-- AlterTable
ALTER TABLE "Lamp" ADD COLUMN     "power" DOUBLE PRECISION;
