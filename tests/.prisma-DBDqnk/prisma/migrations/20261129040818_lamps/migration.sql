-- CreateTable
CREATE TABLE "Lamp" (
    "id" INTEGER NOT NULL,

    CONSTRAINT "Lamp_pkey" PRIMARY KEY ("id")
);
